/*
 * Which types of extensions can a remote value become?
 *
 * pgvector's vector and PostGIS's geometry, whatever their schema and the
 * search_path: another type of the same name does not count.
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

/* Returns the type with a name that belongs to an extension, or InvalidOid. */
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

/* Can a type contain only the floats of a VECTOR? */
bool
maria_holds_vector(Oid type)
{
	return type == FLOAT4ARRAYOID ||
		(type >= FirstNormalObjectId &&
		 type == maria_extension_type("vector", "vector"));
}
