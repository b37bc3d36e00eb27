/*
 * What every layer of mariadb_fdw shares: the options of a foreign object, and
 * how a remote value and its type look once the wire has delivered them.  The
 * layers' own interfaces are in their folders, one header for each idea.
 */
#ifndef MARIADB_FDW_H
#define MARIADB_FDW_H

#include "postgres.h"

#include "access/attnum.h"
#include "nodes/pg_list.h"

#include "compat.h"

/* What users call is in one schema, which the control file names; its parts. */
#define MARIA_SCHEMA "mariadb"
#define MARIA_INTERNAL_SCHEMA "mariadb_internal"

/* Prisma's table of migrations; each side has its own. */
#define MARIA_PRISMA_MIGRATIONS "_prisma_migrations"

/* The longest text of a user that is parsed, in bytes. */
#define MARIA_MAX_TEXT (16 * 1024 * 1024)

/*
 * Remote types as the protocol distinguishes them; widths are those on the
 * wire.
 */
typedef enum MariaType
{
	MARIA_NULL,					/* a bare NULL: no bytes at all */
	MARIA_TINYINT,				/* 1 byte */
	MARIA_SMALLINT,				/* 2 bytes */
	MARIA_INT,					/* 4 bytes; MEDIUMINT too */
	MARIA_BIGINT,				/* 8 bytes */
	MARIA_YEAR,					/* 2 bytes */
	MARIA_FLOAT,				/* 4 bytes */
	MARIA_DOUBLE,				/* 8 bytes */
	MARIA_DECIMAL,				/* from here on, all values are
								 * length-prefixed */
	MARIA_BIT,
	MARIA_DATE,
	MARIA_DATETIME,
	MARIA_TIMESTAMP,
	MARIA_TIME,
	MARIA_TEXT,
	MARIA_BYTES,
	MARIA_ENUM,
	MARIA_SET,
	MARIA_JSON,
	MARIA_UUID,
	MARIA_INET,
	MARIA_GEOMETRY,
	MARIA_VECTOR
} MariaType;

/* A column of a remote result. */
typedef struct MariaField
{
	const char *name;
	const char *product;		/* whose it is, for messages; NULL = MariaDB */
	MariaType	type;
	bool		is_unsigned;
	int			width;			/* bytes on the wire, 0 = length-prefixed */
	int			decimals;		/* digits after the point, 31 = floating */
	uint32		length;			/* display width; bits of a BIT */
	bool		zone_known;		/* the session has one with a fixed offset */
	int64		zone_offset;	/* microseconds east of UTC */
} MariaField;

/* A value in the client library's buffer; NULL data is NULL. */
typedef struct MariaValue
{
	const unsigned char *data;
	size_t		len;
} MariaValue;

typedef enum MariaSslMode
{
	SSL_MODE_DISABLED,
	SSL_MODE_PREFERRED,
	SSL_MODE_REQUIRED,
	SSL_MODE_VERIFY_CA,
	SSL_MODE_VERIFY_FULL
} MariaSslMode;

/* How to handle a remote value that PostgreSQL cannot store. */
typedef enum MariaPolicy
{
	POLICY_ERROR,
	POLICY_NULL,
	POLICY_STRIP,
	POLICY_INFINITY,
	POLICY_REPAIR
} MariaPolicy;

/*
 * All options of a server, user mapping, foreign table or column, merged for
 * one object. session/options.c has the table that fills it.
 */
typedef struct MariaOptions
{
	/* where the server is, and who connects */
	char	   *host;
	int			port;
	char	   *socket;
	int			connect_timeout;	/* seconds */
	int			ssl_mode;
	char	   *ssl_ca;
	char	   *ssl_capath;
	char	   *ssl_cert;
	char	   *ssl_key;
	char	   *ssl_cipher;
	char	   *server_public_key;
	char	   *time_zone;
	char	   *username;
	char	   *password;
	bool		password_required;

	/* the remote object of a foreign table or column */
	char	   *dbname;
	char	   *table_name;
	double		rows;			/* estimate of the import, -1 = unknown */
	char	   *column_name;
	char	   *remote_type;	/* COLUMN_TYPE as MariaDB spells it */
	int			key;			/* place in the primary key, 0 = not in it */

	/* how to handle values that PostgreSQL cannot store */
	int			zero_dates;
	int			nul_bytes;
	int			invalid_enum;
	int			invalid_utf8;

	/* which types an import chooses, 0 = the first in the option's list */
	int			profile;
	int			tinyint1_as;
	int			int_unsigned_as;
	int			bigint_unsigned_as;
	int			bit1_as;
	int			bit_as;
	int			char_as;
	int			varchar191_as;
	int			binary16_as;
	int			json_as;
	int			set_as;
	int			time_as;
	int			timestamp_as;
	int			vector_as;

	/* what an import includes */
	bool		import_not_null;
	bool		import_default;
	bool		import_generated;
	bool		import_collate;
	bool		import_views;
	char	   *note;			/* what an import decided beyond the type
								 * mapping */
} MariaOptions;

#endif							/* MARIADB_FDW_H */
