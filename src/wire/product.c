/*
 * What is a server's product called in messages?
 *
 * Nothing here asks the server: flavour.c does.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "wire/client.h"

static const char product[] = "MariaDB";
static const char other_product[] = "MySQL";

/* Looks for MariaDB's name, in any case, in a text of any length. */
bool
maria_names_mariadb(const char *text)
{
	for (; *text; text++)
		if (pg_strncasecmp(text, product, strlen(product)) == 0)
			return true;
	return false;
}

/*
 * Names the product as its maker does, as far as it is known: errors are no
 * time to ask.
 */
const char *
maria_product_name(MariaConn *conn)
{
	const char *greeting = conn->mysql ? mysql_get_server_info(conn->mysql) : NULL;
	bool		is_mysql = greeting && *greeting && !maria_names_mariadb(greeting);

	if (conn->flavour != MARIA_FLAVOUR_UNKNOWN)
		is_mysql = conn->flavour == MARIA_FLAVOUR_MYSQL;
	return is_mysql ? other_product : product;
}

/*
 * Returns one of our own texts, which are about MariaDB, as one about MySQL if
 * the server is that.  A format gets its values, which are the user's, later.
 */
const char *
maria_name_product(bool is_mysql, const char *text)
{
	StringInfoData result;
	const char *at;

	if (!is_mysql || text == NULL || strstr(text, product) == NULL)
		return text;
	initStringInfo(&result);
	for (; (at = strstr(text, product)) != NULL; text = at + strlen(product))
	{
		appendBinaryStringInfo(&result, text, at - text);
		appendStringInfoString(&result, other_product);
	}
	appendStringInfoString(&result, text);
	return result.data;
}
