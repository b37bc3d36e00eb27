/*
 * Which options do a server, user mapping, foreign table and column have?
 *
 * One table drives validation and use, so that what is accepted is what is
 * used.  An option has a row for each kind of object that takes it.
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "access/reloptions.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "session/session.h"

#define DEFAULT_PORT 3306
#define DEFAULT_CONNECT_TIMEOUT 10

typedef enum OptionKind
{
	OPT_STRING,
	OPT_FILE,					/* a string that only a superuser may set */
	OPT_INT,
	OPT_DOUBLE,
	OPT_BOOL,
	OPT_CHOICE
} OptionKind;

typedef struct Choice
{
	const char *name;
	int			value;
} Choice;

#define PROFILE_PRISMA 1

typedef struct MariaOption
{
	const char *name;
	Oid			catalog;		/* kind of object that takes it */
	OptionKind	kind;
	size_t		field;			/* offset in MariaOptions */
	int			min;
	int			max;
	const Choice *choices;
	void		(*check) (const char *value);
} MariaOption;

static void check_host(const char *value);
static void check_password_required(const char *value);

static const Choice ssl_modes[] = {
	{"disabled", SSL_MODE_DISABLED},
	{"preferred", SSL_MODE_PREFERRED},
	{"required", SSL_MODE_REQUIRED},
	{"verify_ca", SSL_MODE_VERIFY_CA},
	{"verify_full", SSL_MODE_VERIFY_FULL},
	{NULL, 0}
};

static const Choice zero_date_policies[] = {
	{"error", POLICY_ERROR},
	{"null", POLICY_NULL},
	{"-infinity", POLICY_INFINITY},
	{NULL, 0}
};

static const Choice nul_byte_policies[] = {
	{"error", POLICY_ERROR},
	{"strip", POLICY_STRIP},
	{NULL, 0}
};

static const Choice invalid_enum_policies[] = {
	{"error", POLICY_ERROR},
	{"null", POLICY_NULL},
	{NULL, 0}
};

static const Choice invalid_utf8_policies[] = {
	{"error", POLICY_ERROR},
	{"repair", POLICY_REPAIR},
	{NULL, 0}
};

static const Choice profiles[] = {
	{"plain", 0}, {"prisma", PROFILE_PRISMA}, {NULL, 0}
};

/* Types to choose from; typemap.c identifies them by their position. */
static const Choice tinyint1_types[] = {
	{"boolean", 0}, {"smallint", 1}, {NULL, 0}
};
static const Choice int_unsigned_types[] = {
	{"bigint", 0}, {"integer", 1}, {NULL, 0}
};
static const Choice bigint_unsigned_types[] = {
	{"numeric", 0}, {"bigint", 1}, {NULL, 0}
};
static const Choice bit1_types[] = {
	{"boolean", 0}, {"bit", 1}, {NULL, 0}
};
static const Choice bit_types[] = {
	{"bit", 0}, {"bytea", 1}, {NULL, 0}
};
static const Choice char_types[] = {
	{"varchar", 0}, {"char", 1}, {"text", 2}, {NULL, 0}
};
static const Choice varchar191_types[] = {
	{"varchar", 0}, {"text", 1}, {NULL, 0}
};
static const Choice binary16_types[] = {
	{"bytea", 0}, {"uuid", 1}, {NULL, 0}
};
static const Choice json_types[] = {
	{"jsonb", 0}, {"json", 1}, {"text", 2}, {NULL, 0}
};
static const Choice set_types[] = {
	{"array", 0}, {"text", 1}, {NULL, 0}
};
static const Choice time_types[] = {
	{"time", 0}, {"interval", 1}, {NULL, 0}
};
static const Choice timestamp_types[] = {
	{"timestamp", 0}, {"timestamptz", 1}, {NULL, 0}
};
static const Choice vector_types[] = {
	{"vector", 0}, {"array", 1}, {"bytea", 2}, {NULL, 0}
};

#define SERVER ForeignServerRelationId
#define MAPPING UserMappingRelationId
#define TABLE ForeignTableRelationId
#define COLUMN AttributeRelationId
#define IMPORT InvalidOid		/* IMPORT FOREIGN SCHEMA ... OPTIONS */
#define FIELD(name) offsetof(MariaOptions, name)

/* A policy is the same on all three levels; the nearest one counts. */
#define POLICY(name, choices) \
	{#name, SERVER, OPT_CHOICE, FIELD(name), 0, 0, choices, NULL}, \
	{#name, TABLE, OPT_CHOICE, FIELD(name), 0, 0, choices, NULL}, \
	{#name, COLUMN, OPT_CHOICE, FIELD(name), 0, 0, choices, NULL}

/* A type is chosen by an import, and the server can set the default. */
#define TYPE_CHOICE(name, choices) \
	{#name, SERVER, OPT_CHOICE, FIELD(name), 0, 0, choices, NULL}, \
	{#name, IMPORT, OPT_CHOICE, FIELD(name), 0, 0, choices, NULL}

static const MariaOption maria_options[] = {
	{"host", SERVER, OPT_STRING, FIELD(host), 0, 0, NULL, check_host},
	{"port", SERVER, OPT_INT, FIELD(port), 1, 65535, NULL, NULL},
	{"socket", SERVER, OPT_FILE, FIELD(socket), 0, 0, NULL, NULL},
	{"connect_timeout", SERVER, OPT_INT, FIELD(connect_timeout), 1, 86400, NULL, NULL},
	{"ssl_mode", SERVER, OPT_CHOICE, FIELD(ssl_mode), 0, 0, ssl_modes, NULL},
	{"ssl_ca", SERVER, OPT_FILE, FIELD(ssl_ca), 0, 0, NULL, NULL},
	{"ssl_capath", SERVER, OPT_FILE, FIELD(ssl_capath), 0, 0, NULL, NULL},
	{"ssl_cert", SERVER, OPT_FILE, FIELD(ssl_cert), 0, 0, NULL, NULL},
	{"ssl_cert", MAPPING, OPT_FILE, FIELD(ssl_cert), 0, 0, NULL, NULL},
	{"ssl_key", SERVER, OPT_FILE, FIELD(ssl_key), 0, 0, NULL, NULL},
	{"ssl_key", MAPPING, OPT_FILE, FIELD(ssl_key), 0, 0, NULL, NULL},
	{"ssl_cipher", SERVER, OPT_STRING, FIELD(ssl_cipher), 0, 0, NULL, NULL},
	{"server_public_key", SERVER, OPT_FILE, FIELD(server_public_key), 0, 0, NULL, NULL},
	{"time_zone", SERVER, OPT_STRING, FIELD(time_zone), 0, 0, NULL, NULL},
	{"username", MAPPING, OPT_STRING, FIELD(username), 0, 0, NULL, NULL},
	{"password", MAPPING, OPT_STRING, FIELD(password), 0, 0, NULL, NULL},
	{"password_required", MAPPING, OPT_BOOL, FIELD(password_required), 0, 0, NULL, check_password_required},
	{"dbname", SERVER, OPT_STRING, FIELD(dbname), 0, 0, NULL, NULL},
	{"dbname", TABLE, OPT_STRING, FIELD(dbname), 0, 0, NULL, NULL},
	{"table_name", TABLE, OPT_STRING, FIELD(table_name), 0, 0, NULL, NULL},
	{"rows", TABLE, OPT_DOUBLE, FIELD(rows), 0, 0, NULL, NULL},
	{"column_name", COLUMN, OPT_STRING, FIELD(column_name), 0, 0, NULL, NULL},
	{"remote_type", COLUMN, OPT_STRING, FIELD(remote_type), 0, 0, NULL, NULL},
	{"key", COLUMN, OPT_INT, FIELD(key), 1, INT_MAX, NULL, NULL},
	POLICY(zero_dates, zero_date_policies),
	POLICY(nul_bytes, nul_byte_policies),
	POLICY(invalid_enum, invalid_enum_policies),
	POLICY(invalid_utf8, invalid_utf8_policies),
	TYPE_CHOICE(profile, profiles),
	TYPE_CHOICE(tinyint1_as, tinyint1_types),
	TYPE_CHOICE(int_unsigned_as, int_unsigned_types),
	TYPE_CHOICE(bigint_unsigned_as, bigint_unsigned_types),
	TYPE_CHOICE(bit1_as, bit1_types),
	TYPE_CHOICE(bit_as, bit_types),
	TYPE_CHOICE(char_as, char_types),
	TYPE_CHOICE(varchar191_as, varchar191_types),
	TYPE_CHOICE(binary16_as, binary16_types),
	TYPE_CHOICE(json_as, json_types),
	TYPE_CHOICE(set_as, set_types),
	TYPE_CHOICE(time_as, time_types),
	TYPE_CHOICE(timestamp_as, timestamp_types),
	TYPE_CHOICE(vector_as, vector_types),
	{"import_not_null", IMPORT, OPT_BOOL, FIELD(import_not_null), 0, 0, NULL, NULL},
	{"import_default", IMPORT, OPT_BOOL, FIELD(import_default), 0, 0, NULL, NULL},
	{"import_generated", IMPORT, OPT_BOOL, FIELD(import_generated), 0, 0, NULL, NULL},
	{"import_collate", IMPORT, OPT_BOOL, FIELD(import_collate), 0, 0, NULL, NULL},
	{"import_views", IMPORT, OPT_BOOL, FIELD(import_views), 0, 0, NULL, NULL},
	{"note", TABLE, OPT_STRING, FIELD(note), 0, 0, NULL, NULL},
	{"note", COLUMN, OPT_STRING, FIELD(note), 0, 0, NULL, NULL},
};

PG_FUNCTION_INFO_V1(mariadb_fdw_validator);

/*
 * libmariadb treats a host with these as a connection string, which could name
 * files and a folder of plugins, and one with a comma as a list.
 */
static void
check_host(const char *value)
{
	if (strpbrk(value, ";=,") == NULL && strstr(value, "://") == NULL)
		return;

	/* A URL may contain a password, which must not be logged. */
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
			 errmsg("invalid value for option \"%s\"", "host"),
			 errdetail("It contains \";\", \"=\", \",\" or \"://\"."),
			 errhint("Give a host name or an IP address.")));
}

static void
check_password_required(const char *value)
{
	bool		required;

	if (superuser() || (parse_bool(value, &required) && required))
		return;

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("password_required=false is superuser-only"),
			 errhint("User mappings with the password_required option set to false may only be created or modified by the superuser.")));
}

/* Finds an option for a kind of object; NULL if it does not take it. */
static const MariaOption *
find_option(const char *name, Oid catalog)
{
	for (size_t i = 0; i < lengthof(maria_options); i++)
		if (maria_options[i].catalog == catalog &&
			strcmp(maria_options[i].name, name) == 0)
			return &maria_options[i];
	return NULL;
}

/*
 * Returns the distance between a name and a known one; INT_MAX if they are not
 * similar.
 */
static int
name_distance(const char *name, const char *known)
{
	int			distance;

	if (strlen(name) > NAMEDATALEN || strlen(known) > NAMEDATALEN)
		return INT_MAX;
	distance = varstr_levenshtein(name, strlen(name), known, strlen(known),
								  1, 1, 1, true);
	return distance > Max((int) strlen(name) / 2, 2) ||
		distance >= (int) strlen(name) ? INT_MAX : distance;
}

/*
 * Keeps a known name if it is more similar to the given one than those before.
 */
void
maria_compare_name(MariaClosest *closest, const char *known)
{
	int			distance = name_distance(closest->name, known);

	if (distance == INT_MAX ||
		(closest->known && distance >= closest->distance))
		return;
	closest->known = known;
	closest->distance = distance;
}

/* Returns the option of an object that is most similar to a name, or NULL. */
static const char *
closest_option(const char *name, Oid catalog)
{
	MariaClosest closest = {.name = name};

	for (size_t i = 0; i < lengthof(maria_options); i++)
		if (maria_options[i].catalog == catalog)
			maria_compare_name(&closest, maria_options[i].name);
	return closest.known;
}

/* Returns the name of the nth type that an import can choose, or NULL. */
const char *
maria_type_choice(int n)
{
	for (size_t i = 0; i < lengthof(maria_options); i++)
		if (maria_options[i].catalog == IMPORT &&
			maria_options[i].kind == OPT_CHOICE && n-- == 0)
			return maria_options[i].name;
	return NULL;
}

bool
maria_is_type_choice(const char *name)
{
	const MariaOption *option = find_option(name, IMPORT);

	return option && option->kind == OPT_CHOICE;
}

bool
maria_is_server_option(const char *name)
{
	return find_option(name, SERVER) != NULL;
}

static void
report_unknown_option(const char *name, Oid catalog)
{
	const char *closest = closest_option(name, catalog);

	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("invalid option \"%s\"", name),
			 closest ? errhint("Perhaps you meant the option \"%s\".", closest)
			 : 0));
}

static void
report_bad_value(const MariaOption *option, const char *value,
				 const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"",
					option->name, value),
			 errhint("%s", hint)));
}

static int
parse_int_option(const MariaOption *option, const char *value)
{
	char	   *end;
	long		number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' ||
		number < option->min || number > option->max)
		report_bad_value(option, value,
						 psprintf("Give an integer from %d to %d.",
								  option->min, option->max));
	return (int) number;
}

static double
parse_double_option(const MariaOption *option, const char *value)
{
	char	   *end;
	double		number;

	errno = 0;
	number = strtod(value, &end);
	if (errno != 0 || end == value || *end != '\0' || !(number >= 0) || isinf(number))
		report_bad_value(option, value, "Give a number of at least 0.");
	return number;
}

static bool
parse_bool_option(const MariaOption *option, const char *value)
{
	bool		result;

	if (!parse_bool(value, &result))
		report_bad_value(option, value, "Give true or false.");
	return result;
}

static char *
choice_names(const MariaOption *option)
{
	StringInfoData names;

	initStringInfo(&names);
	for (const Choice *choice = option->choices; choice->name; choice++)
		appendStringInfo(&names, "%s%s", names.len ? ", " : "", choice->name);
	return names.data;
}

static int
parse_choice(const MariaOption *option, const char *value)
{
	for (const Choice *choice = option->choices; choice->name; choice++)
		if (strcmp(choice->name, value) == 0)
			return choice->value;
	report_bad_value(option, value, psprintf("Valid values are: %s.",
											 choice_names(option)));
	return 0;
}

/* Returns the values of a type choice if the given one is not among them. */
char *
maria_valid_choices(const char *name, const char *value)
{
	const MariaOption *option = find_option(name, IMPORT);

	for (const Choice *choice = option->choices; value && choice->name; choice++)
		if (strcmp(choice->name, value) == 0)
			return NULL;
	return choice_names(option);
}

/* Parses one value into its field; raises an error if it is not valid. */
static void
set_field(MariaOptions *opts, const MariaOption *option, char *value)
{
	char	   *field = (char *) opts + option->field;

	switch (option->kind)
	{
		case OPT_STRING:
		case OPT_FILE:
			*(char **) field = value;
			break;
		case OPT_INT:
			*(int *) field = parse_int_option(option, value);
			break;
		case OPT_DOUBLE:
			*(double *) field = parse_double_option(option, value);
			break;
		case OPT_BOOL:
			*(bool *) field = parse_bool_option(option, value);
			break;
		case OPT_CHOICE:
			*(int *) field = parse_choice(option, value);
			break;
	}
}

/*
 * A file option would give its author the privileges of the operating system
 * user.
 */
static void
check_file_option(const MariaOption *option)
{
	if (option->kind != OPT_FILE || superuser())
		return;

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("option \"%s\" is superuser-only", option->name),
			 errhint("It names a file that the server's operating system user can reach.")));
}

/* Raises an error for an option that its object does not take. */
static void
check_options(List *options, Oid catalog)
{
	MariaOptions opts = {0};
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = lfirst(lc);
		const MariaOption *option = find_option(def->defname, catalog);
		char	   *value = defGetString(def);

		if (option == NULL)
			report_unknown_option(def->defname, catalog);
		check_file_option(option);
		if (option->check)
			option->check(value);
		set_field(&opts, option, value);
	}
}

Datum
mariadb_fdw_validator(PG_FUNCTION_ARGS)
{
	check_options(untransformRelOptions(PG_GETARG_DATUM(0)),
				  PG_GETARG_OID(1));
	PG_RETURN_VOID();
}

/* Fills in the fields of a list of options; other fields are not changed. */
static void
apply_options(MariaOptions *opts, List *options, Oid catalog)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = lfirst(lc);
		const MariaOption *option = find_option(def->defname, catalog);

		if (option)
			set_field(opts, option, defGetString(def));
	}
}

static MariaOptions *
default_options(void)
{
	MariaOptions *opts = palloc0(sizeof(MariaOptions));

	opts->host = "127.0.0.1";
	opts->port = DEFAULT_PORT;
	opts->connect_timeout = DEFAULT_CONNECT_TIMEOUT;
	opts->ssl_mode = SSL_MODE_PREFERRED;
	opts->time_zone = "+00:00";
	opts->password_required = true;
	opts->rows = -1;
	opts->import_not_null = true;
	opts->import_views = true;
	return opts;
}

/*
 * A non-superuser must not use the identity of the server's operating system
 * user, neither through an account without a password nor through one that
 * MariaDB authenticates by the socket's owner.
 */
static void
check_credentials(const MariaOptions *opts, Oid userid)
{
	if (superuser_arg(userid) || !opts->password_required)
		return;

	if (opts->password == NULL || opts->password[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED),
				 errmsg("password is required"),
				 errdetail("Non-superusers must provide a password in the user mapping.")));
	if (opts->socket)
		ereport(ERROR,
				(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED),
				 errmsg("non-superusers cannot connect through a Unix-domain socket"),
				 errdetail("The server could let the operating system user in without a password."),
				 errhint("Use option \"host\", or have a superuser set password_required to false in the user mapping.")));
}

static void
check_consistency(const MariaOptions *opts)
{
	/*
	 * For an empty name the library would use that of the operating system
	 * user.
	 */
	if (opts->username == NULL || opts->username[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("user mapping has no option \"%s\"", "username"),
				 errhint("Use ALTER USER MAPPING ... OPTIONS (ADD username '...').")));
	check_host(opts->host);
	if (opts->ssl_mode == SSL_MODE_VERIFY_CA && !opts->ssl_ca &&
		!opts->ssl_capath)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("ssl_mode \"%s\" requires option \"%s\" or \"%s\"",
						"verify_ca", "ssl_ca", "ssl_capath")));
}

/* Returns what it takes to connect as a user. */
MariaOptions *
maria_server_options(Oid serverid, Oid userid)
{
	ForeignServer *server = GetForeignServer(serverid);
	UserMapping *mapping = GetUserMapping(userid, serverid);
	MariaOptions *opts = default_options();

	apply_options(opts, server->options, SERVER);
	apply_options(opts, mapping->options, MAPPING);
	check_consistency(opts);
	check_credentials(opts, userid);
	return opts;
}

/* The PostgreSQL types that Prisma uses for its types of MariaDB. */
static void
apply_profile(MariaOptions *opts)
{
	if (opts->profile != PROFILE_PRISMA)
		return;
	opts->int_unsigned_as = 1;
	opts->bigint_unsigned_as = 1;
	opts->bit_as = 1;
	opts->varchar191_as = 1;
}

/*
 * Returns the options of an import: its own override the server's, and single
 * choices override those of the profile.
 */
MariaOptions *
maria_import_options(Oid serverid, List *options)
{
	ForeignServer *server = GetForeignServer(serverid);
	MariaOptions *opts = default_options();

	check_options(options, IMPORT);
	apply_options(opts, server->options, SERVER);
	apply_options(opts, options, IMPORT);
	apply_profile(opts);
	apply_options(opts, server->options, SERVER);
	apply_options(opts, options, IMPORT);
	return opts;
}

/* Returns the options of a foreign table, with the policies of its server. */
MariaOptions *
maria_table_options(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	ForeignServer *server = GetForeignServer(table->serverid);
	MariaOptions *opts = default_options();

	apply_options(opts, server->options, SERVER);
	apply_options(opts, table->options, TABLE);
	if (opts->table_name == NULL)
		opts->table_name = get_rel_name(relid);
	if (opts->dbname == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("foreign table \"%s\" has no option \"%s\"",
						get_rel_name(relid), "dbname"),
				 errhint("Set it on the foreign table or on server \"%s\".",
						 server->servername)));
	return opts;
}

/* Returns the table's options, overridden by those of its column. */
MariaOptions *
maria_column_options(const MariaOptions *table_opts, Oid relid,
					 AttrNumber attnum)
{
	MariaOptions *opts = palloc(sizeof(MariaOptions));

	*opts = *table_opts;
	apply_options(opts, GetForeignColumnOptions(relid, attnum), COLUMN);
	if (opts->column_name == NULL)
		opts->column_name = get_attname(relid, attnum, false);
	return opts;
}
