/*
 * How is it noted what was decided, or is not carried over?
 */
#include "postgres.h"

#include "schema/ddl/ddl.h"

/* Notes a finding; it comes with the statements of its step. */
void
maria_ddl_note(DdlPlan *plan, DdlStep step, MariaNoteKind kind,
			   MariaTargetObject object, const char *format,...)
{
	MariaTargetNote *note = palloc0(sizeof(MariaTargetNote));
	va_list		args;

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

/* Names a table, or a part of it, as a column or an index, as it is here. */
MariaTargetObject
maria_ddl_object(const MariaTargetTable *table, const char *part)
{
	return object_of_table(table->remote, table->name, part);
}

/* Names a table, or a part of it, as it is in MariaDB. */
MariaTargetObject
maria_remote_object(const MariaRemoteTable *table, const char *part)
{
	return object_of_table(table, table->name, part);
}

/* Names a view, trigger, routine or event. */
MariaTargetObject
maria_object(const MariaRemoteObject *object)
{
	MariaTargetObject result = {
		.name = object->name,.table = object->table,
		.is_wanted = object->table ? &object->table->is_wanted : NULL
	};

	return result;
}
