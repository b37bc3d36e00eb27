/*
 * How fast can a query's rows be read from MariaDB at all?  Reads them as the
 * extension does, by an unbuffered prepared statement whose values are passed
 * in the client library's own buffer, and discards them.
 *
 * usage: drain QUERY       prints rows, bytes and seconds
 * Reads MARIADB_HOST, MARIADB_PORT, MARIADB_USER and MARIADB_PASSWORD.
 */
#include <mysql.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct Drain
{
	unsigned char *width;		/* per column; 0 = preceded by a length */
	uint64_t	bytes;
} Drain;

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "drain: %s: %s\n", what, why);
	exit(1);
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec * 1e-9;
}

/* Returns how many bytes a value of this type has on the wire. */
static unsigned char
type_width(enum enum_field_types type)
{
	switch (type)
	{
		case MYSQL_TYPE_TINY:
			return 1;
		case MYSQL_TYPE_SHORT:
		case MYSQL_TYPE_YEAR:
			return 2;
		case MYSQL_TYPE_INT24:
		case MYSQL_TYPE_LONG:
		case MYSQL_TYPE_FLOAT:
			return 4;
		case MYSQL_TYPE_LONGLONG:
		case MYSQL_TYPE_DOUBLE:
			return 8;
		default:
			return 0;
	}
}

/* Reads the length before a value and advances past it. */
static uint64_t
read_length(unsigned char **position)
{
	unsigned char *bytes = *position;
	uint64_t	length = 0;
	int			width;

	*position += 1;
	if (bytes[0] < 251)
		return bytes[0];
	width = bytes[0] == 252 ? 2 : bytes[0] == 253 ? 3 : 8;
	memcpy(&length, bytes + 1, width);
	*position += width;
	return length;
}

/* Counts a value; the library calls it for each, with NULL for a NULL. */
static void
take_value(void *data, unsigned int column, unsigned char **position)
{
	Drain	   *drain = data;
	uint64_t	length;

	if (position == NULL)
		return;
	length = drain->width[column];
	if (length == 0)
		length = read_length(position);
	*position += length;
	drain->bytes += length;
}

static MYSQL *
connect_to_server(void)
{
	MYSQL	   *mysql = mysql_init(NULL);

	mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(mysql, getenv("MARIADB_HOST"),
							getenv("MARIADB_USER"), getenv("MARIADB_PASSWORD"),
							NULL, atoi(getenv("MARIADB_PORT")), NULL, 0))
		fail("connect", mysql_error(mysql));
	return mysql;
}

static void
prepare(MYSQL_STMT *stmt, Drain *drain, const char *sql)
{
	MYSQL_RES  *result;
	unsigned int ncolumns;

	mysql_stmt_attr_set(stmt, STMT_ATTR_CB_USER_DATA, drain);
	mysql_stmt_attr_set(stmt, STMT_ATTR_CB_RESULT, take_value);
	if (mysql_stmt_prepare(stmt, sql, strlen(sql)) != 0)
		fail("prepare", mysql_stmt_error(stmt));

	result = mysql_stmt_result_metadata(stmt);
	ncolumns = mysql_num_fields(result);
	drain->width = calloc(ncolumns, 1);
	for (unsigned int i = 0; i < ncolumns; i++)
		drain->width[i] = type_width(mysql_fetch_field_direct(result, i)->type);
	mysql_free_result(result);
}

int
main(int argc, char **argv)
{
	Drain		drain = {NULL, 0};
	MYSQL	   *mysql;
	MYSQL_STMT *stmt;
	uint64_t	nrows = 0;
	double		start;
	int			status;

	if (argc != 2)
		fail("usage", "drain QUERY");
	mysql = connect_to_server();
	stmt = mysql_stmt_init(mysql);
	start = now();
	prepare(stmt, &drain, argv[1]);
	if (mysql_stmt_execute(stmt) != 0)
		fail("execute", mysql_stmt_error(stmt));
	while ((status = mysql_stmt_fetch(stmt)) == 0)
		nrows++;
	if (status != MYSQL_NO_DATA)
		fail("fetch", mysql_stmt_error(stmt));
	printf("%llu %llu %.3f\n", (unsigned long long) nrows,
		   (unsigned long long) drain.bytes, now() - start);
	mysql_stmt_close(stmt);
	mysql_close(mysql);
	return 0;
}
