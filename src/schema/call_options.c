/*
 * Which options do mariadb.migrate, ddl, preflight and copy accept in their
 * JSON object?
 *
 * One table drives validation, hints and documentation.  The type choices are
 * those of IMPORT FOREIGN SCHEMA, which are in session/options.c.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "foreign/foreign.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "schema/call_options.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_checked_options);
PG_FUNCTION_INFO_V1(mariadb_call_options);

#define MIGRATE 1
#define DDL 2
#define COPY 4
#define PREFLIGHT 8
#define DATA 16					/* migrate with data_only */
#define TYPED (MIGRATE | DDL | PREFLIGHT)	/* accept the type choices */
#define DATA_CHOICE "profile"	/* the only type choice that it accepts */
#define MOST 1000000000000000.0
#define MIN_CHUNK 8192
#define SHOWN_VALUE 100			/* bytes of a bad value in a message */

typedef enum CallOptionKind
{
	CALL_BOOL,
	CALL_INTEGER,				/* from 0 to max */
	CALL_NUMBER,				/* from 0 to max */
	CALL_SIZE,
	CALL_WORD,
	CALL_NAMES,
	CALL_TEXT
} CallOptionKind;

static const char *const kind_names[] = {
	"boolean", "integer", "number", "size", "word", "list of names", "text"
};

typedef struct CallOption
{
	const char *name;
	int			calls;			/* that accept it */
	CallOptionKind kind;
	const char *initial;		/* its default, or NULL */
	bool		may_change;		/* when a run is resumed */
	double		max;
	const char *words;
} CallOption;

static const CallOption call_options[] = {
	{"data_only", MIGRATE | DATA, CALL_BOOL, "false"},
	{"workers", MIGRATE | DATA, CALL_INTEGER, NULL, true, 64},
	{"chunk_size", MIGRATE | DATA, CALL_SIZE, "64MB", true},
	{"on_error", MIGRATE | DATA | COPY, CALL_WORD, "stop", true, 0, "stop, reject"},
	{"reject_limit", MIGRATE | DATA | COPY, CALL_INTEGER, NULL, true, MOST},
	{"max_rows_per_second", MIGRATE | DATA | COPY, CALL_NUMBER, NULL, true, MOST},
	{"max_mb_per_second", MIGRATE | DATA | COPY, CALL_NUMBER, NULL, true, MOST},
	{"skip_unmatched", COPY, CALL_BOOL, "false"},
	{"one_transaction", MIGRATE | DATA, CALL_BOOL, "false"},
	{"tables", TYPED | DATA, CALL_NAMES},
	{"except", TYPED | DATA, CALL_NAMES},
	{"truncate", MIGRATE | DATA, CALL_BOOL, "false", true},
	{"verify", MIGRATE | DATA, CALL_BOOL, "true", true},
	{"preflight", MIGRATE | DATA, CALL_BOOL, "false", true},
	{"keep_foreign", MIGRATE | DATA, CALL_BOOL, "false", true},
	{"trust_owners", MIGRATE | DATA, CALL_BOOL, "false", true},
	{"prisma", TYPED | DATA, CALL_TEXT},
	{"identity", MIGRATE | DDL, CALL_BOOL, "false"},
	{"prefix_indexes", TYPED, CALL_WORD, NULL, false, 0, "left, drop"},
	{"comments", MIGRATE | DDL, CALL_BOOL, "true"},
};

static const struct
{
	const char *name;
	int			call;
}			calls[] = {
	{"migrate", MIGRATE}, {"ddl", DDL}, {"copy", COPY},
	{"preflight", PREFLIGHT}
};

typedef struct Check
{
	int			call;
	const char *server;			/* or NULL */
	JsonbParseState *state;		/* of the checked object */
} Check;

static const CallOption *
find_call_option(const char *name)
{
	for (size_t i = 0; i < lengthof(call_options); i++)
		if (strcmp(call_options[i].name, name) == 0)
			return &call_options[i];
	return NULL;
}

/* Returns the nth option that a call takes, or NULL after the last one. */
static const char *
nth_option(int call, int n)
{
	for (size_t i = 0; i < lengthof(call_options); i++)
		if ((call_options[i].calls & call) != 0 && n-- == 0)
			return call_options[i].name;
	if (call == DATA)
		return n == 0 ? DATA_CHOICE : NULL;
	return (call & TYPED) != 0 ? maria_type_choice(n) : NULL;
}

static const char *
closest_name(int call, const char *name)
{
	MariaClosest closest = {.name = name};
	const char *known;

	for (int i = 0; (known = nth_option(call, i)) != NULL; i++)
		maria_compare_name(&closest, known);
	return closest.known;
}

static char *
valid_names(int call)
{
	StringInfoData names;
	const char *known;

	initStringInfo(&names);
	for (int i = 0; (known = nth_option(call, i)) != NULL; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", known);
	return names.data;
}

/* Returns a call that accepts an option, or NULL. */
static const char *
other_call(const char *name)
{
	const CallOption *option = find_call_option(name);

	for (size_t i = 0; option && i < lengthof(calls); i++)
		if ((option->calls & calls[i].call) != 0)
			return calls[i].name;
	return NULL;
}

/* Truncates a text to the length that a message shows. */
static char *
clipped(const char *text)
{
	return pnstrdup(text, pg_mbcliplen(text, strlen(text), SHOWN_VALUE));
}

/* Returns a value as text. */
static char *
shown_value(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvBool:
			return value->val.boolean ? "true" : "false";
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out,
													   NumericGetDatum(value->val.numeric)));
		case jbvBinary:
			return JsonbToCString(NULL, value->val.binary.data,
								  value->val.binary.len);
		default:
			return "null";
	}
}

/* Returns SET for an option that the server already has, else ADD. */
static const char *
option_action(const char *server, const char *name)
{
	ForeignServer *foreign = server ? GetForeignServerByName(server, true) : NULL;
	List	   *options = foreign ? foreign->options : NIL;
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *option = lfirst(lc);

		if (strcmp(option->defname, name) == 0)
			return "SET";
	}
	return "ADD";
}

static char *
unknown_hint(const Check *check, const char *name, const JsonbValue *value)
{
	const char *call = other_call(name);
	const char *closest = closest_name(check->call, name);

	if (maria_is_server_option(name) && !maria_is_type_choice(name))
		return psprintf("It is an option of the server: ALTER SERVER %s OPTIONS (%s %s %s).",
						check->server ? quote_identifier(check->server) : "...",
						option_action(check->server, name), name, quote_literal_cstr(clipped(shown_value(value))));
	if (call)
		return psprintf("It is an option of mariadb.%s.", call);
	if (closest)
		return psprintf("Perhaps you meant the option \"%s\".", closest);
	return psprintf("Valid options are: %s.", valid_names(check->call));
}

static void
report_unknown_name(const Check *check, const char *name,
					const JsonbValue *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid option \"%s\"", clipped(name)),
			 errhint("%s", unknown_hint(check, name, value))));
}

static void
report_value(const char *name, const JsonbValue *value, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"", name,
					clipped(shown_value(value))),
			 errhint("%s", hint)));
}

static char *
string_of(const JsonbValue *value)
{
	return value->type == jbvString ?
		pnstrdup(value->val.string.val, value->val.string.len) : NULL;
}

/* Accepts true and false, and strings with these values. */
static void
check_bool(const char *name, JsonbValue *value)
{
	char	   *text = string_of(value);
	bool		result = false;

	if (value->type == jbvBool)
		return;
	if (text == NULL || !parse_bool(text, &result))
		report_value(name, value, "Give true or false.");
	value->type = jbvBool;
	value->val.boolean = result;
}

/*
 * Does the text consist of digits, with at most one point where that is
 * allowed?
 */
static bool
is_number(const char *text, bool is_integer)
{
	size_t		digits = strspn(text, "0123456789");
	const char *rest = text + digits;

	if (digits > 0 && *rest == '.' && !is_integer)
	{
		digits = strspn(rest + 1, "0123456789");
		rest += digits + 1;
	}
	return digits > 0 && *rest == '\0';
}

static char *
number_hint(const CallOption *option)
{
	if (option->kind == CALL_NUMBER)
		return "Give a number of at least 0.";
	if (option->max == MOST)
		return "Give an integer of at least 0.";
	return psprintf("Give an integer from 0 to %.0f.", option->max);
}

/* Accepts a number, or a string with a number. */
static void
check_number(const CallOption *option, JsonbValue *value)
{
	char	   *text = value->type == jbvNumeric ? shown_value(value) :
	string_of(value);

	if (text == NULL || strlen(text) > SHOWN_VALUE ||
		!is_number(text, option->kind == CALL_INTEGER) ||
		strtod(text, NULL) > option->max)
		report_value(option->name, value, number_hint(option));
	value->type = jbvNumeric;
	value->val.numeric =
		DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											ObjectIdGetDatum(InvalidOid),
											Int32GetDatum(-1)));
}

/* Converts a size such as 64MB to bytes; -1 if it is invalid. */
static double
size_in_bytes(const char *text)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	char	   *rest;
	double		size = strtod(text, &rest);

	if (rest == text || !isdigit((unsigned char) *text))
		return -1;
	while (*rest == ' ')
		rest++;
	for (size_t i = 0; i < lengthof(units); i++)
		if (pg_strcasecmp(rest, units[i]) == 0)
			return ldexp(size, 10 * ((int) i + 1));
	return -1;
}

static void
check_size(const CallOption *option, const JsonbValue *value)
{
	char	   *text = string_of(value);
	double		size = text && strlen(text) <= SHOWN_VALUE ?
	size_in_bytes(text) : -1;

	if (!(size >= MIN_CHUNK && size <= MOST))
		report_value(option->name, value,
					 "Give a size of at least 8kB with its unit, such as \"64MB\".");
}

/* Is a word in a comma-separated list? */
static bool
is_word(const char *word, const char *words)
{
	size_t		len = strlen(word);

	for (const char *at = words; at; at = strchr(at, ','))
	{
		at += strspn(at, ", ");
		if (strcspn(at, ",") == len && strncmp(at, word, len) == 0)
			return true;
	}
	return false;
}

static void
check_word(const CallOption *option, const JsonbValue *value)
{
	char	   *word = string_of(value);

	if (word == NULL || !is_word(word, option->words))
		report_value(option->name, value,
					 psprintf("Valid values are: %s.", option->words));
}

static void
check_name(const char *option, const JsonbValue *list, const JsonbValue *name)
{
	if (name->type == jbvNull)
		maria_report_null_in_list(option);
	if (name->type != jbvString || name->val.string.len == 0)
		report_value(option, list,
					 "Give a list of names, such as [\"customers\"].");
}

static void
check_names(const char *option, const JsonbValue *value)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	name;
	int			count = 0;

	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data))
		report_value(option, value,
					 "Give a list of names, such as [\"customers\"].");
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		check_name(option, value, &name);
		count++;
	}
	if (count == 0)
		maria_report_empty_list(option);
}

static void
check_value(const CallOption *option, JsonbValue *value)
{
	switch (option->kind)
	{
		case CALL_BOOL:
			check_bool(option->name, value);
			break;
		case CALL_INTEGER:
		case CALL_NUMBER:
			check_number(option, value);
			break;
		case CALL_SIZE:
			check_size(option, value);
			break;
		case CALL_WORD:
			check_word(option, value);
			break;
		case CALL_NAMES:
			check_names(option->name, value);
			break;
		case CALL_TEXT:
			if (value->type != jbvString)
				report_value(option->name, value, "Give a string.");
			break;
	}
}

/* Checks a type choice, which only calls that create tables accept. */
static void
check_choice(const char *name, const JsonbValue *value)
{
	char	   *valid = maria_valid_choices(name, string_of(value));

	if (valid)
		report_value(name, value, psprintf("Valid values are: %s.", valid));
}

static void
check_option(const Check *check, const char *name, JsonbValue *value)
{
	const CallOption *option = find_call_option(name);
	bool		is_choice = (check->call & TYPED) != 0 &&
	maria_is_type_choice(name);

	if (!is_choice && (option == NULL || (option->calls & check->call) == 0))
		report_unknown_name(check, name, value);
	if (value->type == jbvNull)
		maria_report_null("option", name, "Omit it to use its default.");
	if (is_choice)
		check_choice(name, value);
	else
		check_value(option, value);
}

/* Does an option of a migration apply if the tables already exist? */
static bool
is_about_data(const char *name)
{
	const CallOption *option = find_call_option(name);

	return option ? (option->calls & DATA) != 0 :
		strcmp(name, DATA_CHOICE) == 0;
}

/* Raises an error for an option about tables if none will be created. */
static void
check_data_only(const Check *check, Jsonb *options)
{
	JsonbIterator *iterator = JsonbIteratorInit(&options->root);
	JsonbIteratorToken token;
	JsonbValue	value = {.type = jbvString};
	JsonbValue *data_only;

	value.val.string.val = "data_only";
	value.val.string.len = strlen("data_only");
	data_only = findJsonbValueFromContainer(&options->root, JB_FOBJECT, &value);
	if (check->call != MIGRATE || data_only == NULL || !data_only->val.boolean)
		return;
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		char	   *name = token == WJB_KEY ? shown_value(&value) : NULL;

		if (name && !is_about_data(name))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid option \"%s\" for a migration of data only",
							name),
					 errhint("Valid options are: %s.", valid_names(DATA))));
	}
}

/*
 * Returns the options of a call, with strings converted to booleans and
 * numbers; raises an error for an option that the call does not accept.
 */
static Jsonb *
checked_options(Check *check, Jsonb *options)
{
	JsonbIterator *iterator = JsonbIteratorInit(&options->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	char	   *name = NULL;
	Jsonb	   *result;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errhint("Write them as {\"option\": value}.")));
	pushJsonbValue(&check->state, WJB_BEGIN_OBJECT, NULL);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
			check_option(check, name, &value);
		if (token == WJB_KEY || token == WJB_VALUE)
			pushJsonbValue(&check->state, token, &value);
	}
	result = JsonbValueToJsonb(pushJsonbValue(&check->state, WJB_END_OBJECT,
											  NULL));
	check_data_only(check, result);
	return result;
}

Jsonb *
maria_checked_ddl_options(const char *server, Jsonb *options)
{
	Check		check = {.call = DDL,.server = server};

	return checked_options(&check, options);
}

static int
call_of(const char *name)
{
	for (size_t i = 0; i < lengthof(calls); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].call;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" is not a call with options", name)));
	return 0;
}

Datum
mariadb_checked_options(PG_FUNCTION_ARGS)
{
	Check		check = {0};

	maria_require_arguments(fcinfo, 1 << 1);
	check.call = call_of(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	check.server = PG_ARGISNULL(1) ? NULL : NameStr(*PG_GETARG_NAME(1));
	PG_RETURN_JSONB_P(checked_options(&check, PG_GETARG_JSONB_P(2)));
}

static List *
call_names(int mask)
{
	List	   *names = NIL;

	for (size_t i = 0; i < lengthof(calls); i++)
		if ((mask & calls[i].call) != 0)
			names = lappend(names, unconstify(char *, calls[i].name));
	return names;
}

/* Returns the words of an option, or the limits of a number. */
static const char *
valid_values(const CallOption *option)
{
	switch (option->kind)
	{
		case CALL_INTEGER:
			if (option->max < MOST)
				return psprintf("0 to %.0f", option->max);
			return "at least 0";
		case CALL_NUMBER:
			return "at least 0";
		case CALL_SIZE:
			return "at least 8kB";
		default:
			return option->words;
	}
}

static void
put_option(Tuplestorestate *rows, TupleDesc desc, const CallOption *option)
{
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = CStringGetTextDatum(option->name);
	values[1] = PointerGetDatum(maria_text_array(call_names(option->calls)));
	values[2] = CStringGetTextDatum(kind_names[option->kind]);
	values[3] = maria_text_or_null(valid_values(option), &nulls[3]);
	values[4] = maria_text_or_null(option->initial, &nulls[4]);
	values[5] = BoolGetDatum(option->may_change);
	tuplestore_putvalues(rows, desc, values, nulls);
}

/* Lists the options of all calls. */
Datum
mariadb_call_options(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	const char *name;

	for (size_t i = 0; i < lengthof(call_options); i++)
		put_option(rows, desc, &call_options[i]);
	for (int i = 0; (name = maria_type_choice(i)) != NULL; i++)
	{
		CallOption	option = {name, TYPED, CALL_WORD};

		option.words = maria_valid_choices(name, NULL);
		put_option(rows, desc, &option);
	}
	return (Datum) 0;
}
