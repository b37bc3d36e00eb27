/*
 * How is a decision, or an object that is not migrated, noted?
 */
#include "postgres.h"

#include "schema/ddl/ddl.h"
#include "wire/wire.h"

/* Adds a note; it is listed with the statements of its step. */
void
maria_ddl_note(DdlPlan *plan, DdlStep step, MariaNoteKind kind,
			   MariaTargetObject object, const char *format,...)
{
	MariaTargetNote *note = palloc0(sizeof(MariaTargetNote));
	va_list		args;

	format = maria_name_product(plan->target->remote->is_mysql, format);
	va_start(args, format);
	note->text = maria_format(format, args);
	va_end(args);
	note->step = step;
	note->kind = kind;
	note->object = object;
	note->object.name = pstrdup(object.name);
	plan->target->notes = lappend(plan->target->notes, note);
}

static MariaTargetObject
object_of_table(const MariaRemoteTable *remote, const char *table,
				const char *part)
{
	MariaTargetObject object = {
		.name = part ? psprintf("%s.%s", table, part) : table,
		.table = remote,.is_wanted = &remote->is_wanted
	};

	return object;
}

/* Returns the local name of a table, or of its column or index. */
MariaTargetObject
maria_ddl_object(const MariaTargetTable *table, const char *part)
{
	return object_of_table(table->remote, table->name, part);
}

/* Returns MariaDB's name of a table, or of its column or index. */
MariaTargetObject
maria_remote_object(const MariaRemoteTable *table, const char *part)
{
	return object_of_table(table, table->name, part);
}

/* Returns the name of a view, trigger, routine or event. */
MariaTargetObject
maria_object(const MariaRemoteObject *object)
{
	MariaTargetObject result = {
		.name = object->name,.table = object->table,
		.is_wanted = object->table ? &object->table->is_wanted : NULL
	};

	return result;
}
