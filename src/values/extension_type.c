/*
 * Which types do extensions bring that a remote value can become?
 *
 * pgvector's vector and PostGIS's geometry, in whatever schema they stand and
 * whatever the search_path is: another type of the name is not theirs.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

#include "values/values.h"

/* Returns the type of a name that an extension has, or an invalid OID. */
Oid
maria_extension_type(const char *extension, const char *name)
{
	Oid			owner = get_extension_oid(extension, true);
	Oid			found = InvalidOid;
	CatCList   *list;

	if (!OidIsValid(owner))
		return InvalidOid;
	list = SearchSysCacheList1(TYPENAMENSP, CStringGetDatum(name));
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_type type = (Form_pg_type) GETSTRUCT(&list->members[i]->tuple);

		if (type->typtype == TYPTYPE_BASE && type->typisdefined &&
			getExtensionOfObject(TypeRelationId, type->oid) == owner)
			found = type->oid;
	}
	ReleaseSysCacheList(list);
	return found;
}

/* Is a type one that holds the floats of a VECTOR, and nothing else? */
bool
maria_holds_vector(Oid type)
{
	return type == FLOAT4ARRAYOID ||
		(type >= FirstNormalObjectId &&
		 type == maria_extension_type("vector", "vector"));
}
