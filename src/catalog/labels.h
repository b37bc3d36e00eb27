/*
 * Labels and literals as MariaDB writes them down.
 */
#ifndef MARIADB_FDW_CATALOG_LABELS_H
#define MARIADB_FDW_CATALOG_LABELS_H

#include "mariadb_fdw.h"

extern const char *maria_quoted_end(const char *p, char quote);
extern char maria_unescaped(char letter);
extern List *maria_parse_labels(const char *column_type);
extern bool maria_is_lossy(const char *literal);
extern char *maria_unquote_default(const char *literal);

#endif							/* MARIADB_FDW_CATALOG_LABELS_H */
