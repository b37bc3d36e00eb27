/*
 * Is a server MariaDB or MySQL, and of which version?
 *
 * The only place that checks.  The greeting shows it in most cases, but a
 * proxy sends its own, and an administrator may change MariaDB's.  If the
 * greeting does not name MariaDB, a comment that only MariaDB executes shows
 * the product.  The version is never trusted: it may be empty, garbage or
 * megabytes long.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/memutils.h"

#include "wire/client.h"

/* The prefix of a version for compatibility with old replicas. */
#define VERSION_PREFIX "5.5.5-"

/* No part of a version has more digits. */
#define PART_DIGITS 2

/* The last field is empty unless MariaDB reads the comment. */
static const char flavour_sql[] =
"SELECT VERSION(), @@version_comment, CONCAT('' /*M! , 'MariaDB' */)";

/* Reads a part of a version; false if there is none. */
static bool
read_part(const char **pos, int *part)
{
	int			digits = 0;

	*part = 0;
	for (; isdigit((unsigned char) **pos); (*pos)++)
	{
		if (++digits > PART_DIGITS)
			return false;
		*part = *part * 10 + (**pos - '0');
	}
	return digits > 0;
}

/* Returns 101106 for "10.11.6-MariaDB", 80000 for "8.0.x", 0 for no version. */
static int
parse_version(const char *text)
{
	int			number = 0;

	if (strncmp(text, VERSION_PREFIX, strlen(VERSION_PREFIX)) == 0)
		text += strlen(VERSION_PREFIX);
	for (int scale = 10000; scale > 0; scale /= 100)
	{
		int			part;

		if (!read_part(&text, &part))
			break;
		number += part * scale;
		if (*text++ != '.')
			break;
	}
	return number;
}

/* Reads a row of flavour_sql. */
static void
take_answer(MariaConn *conn, MariaResult *result)
{
	conn->flavour = MARIA_FLAVOUR_MYSQL;
	for (int i = 0; i < result->nfields; i++)
	{
		MariaValue *value = &result->row[i];
		char	   *text;

		if (value->data == NULL)
			continue;
		text = pnstrdup((const char *) value->data, value->len);
		if (maria_names_mariadb(text))
			conn->flavour = MARIA_FLAVOUR_MARIADB;
		if (i == 0)
			conn->version = parse_version(text);
	}
}

/* Queries the server itself, whatever its greeting. */
void
maria_ask_flavour(MariaConn *conn)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw flavour",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	MariaResult *result = maria_open_fields(conn, flavour_sql, 3,
											MARIA_NULLABLE(1));

	while (maria_fetch(result))
		take_answer(conn, result);
	maria_close(result);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	if (conn->flavour == MARIA_FLAVOUR_UNKNOWN)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INCONSISTENT_DESCRIPTOR_INFORMATION),
				 errmsg("server \"%s\" did not report its version",
						conn->server_name)));
}

/* Does the greeting name MariaDB?  If not, it may still be MariaDB. */
bool
maria_greets_as_mariadb(MariaConn *conn)
{
	const char *greeting = mysql_get_server_info(conn->mysql);

	return greeting && maria_names_mariadb(greeting);
}

/*
 * Determines the product once for each connection: without a round trip if the
 * greeting names MariaDB, otherwise with one.
 */
static void
find_flavour(MariaConn *conn)
{
	const char *greeting = mysql_get_server_info(conn->mysql);

	if (conn->flavour != MARIA_FLAVOUR_UNKNOWN)
		return;
	if (!maria_greets_as_mariadb(conn))
	{
		maria_ask_flavour(conn);
		return;
	}
	conn->flavour = MARIA_FLAVOUR_MARIADB;
	conn->version = parse_version(greeting);
}

MariaFlavour
maria_flavour(MariaConn *conn)
{
	find_flavour(conn);
	return conn->flavour;
}

bool
maria_is_mysql(MariaConn *conn)
{
	return maria_flavour(conn) == MARIA_FLAVOUR_MYSQL;
}

/*
 * Returns major
 *
 * 10000 + minor
 *
 * 100 + patch; 0 if it is unknown.
 */
int
maria_version_number(MariaConn *conn)
{
	find_flavour(conn);
	return conn->version;
}

/* Is the server this product, in this version or newer? */
bool
maria_is_at_least(MariaConn *conn, MariaFlavour flavour, int major, int minor,
				  int patch)
{
	return maria_flavour(conn) == flavour &&
		conn->version >= MARIA_VERSION(major, minor, patch);
}
