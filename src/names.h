/* Local names of remote objects, and sets of names. */
#ifndef MARIADB_FDW_NAMES_H
#define MARIADB_FDW_NAMES_H

#include "mariadb_fdw.h"

/* A set of names, each with an optional item. */
typedef struct MariaNames MariaNames;

extern char *maria_fit_name(const char *name, const char *suffix);
extern bool maria_is_in(const char *name, List *names);
extern MariaNames *maria_names_create(void);
extern MariaNames *maria_names_of(List *list);
extern bool maria_names_add(MariaNames *names, const char *name, void *item);
extern void *maria_names_find(const MariaNames *names, const char *name);
extern bool maria_names_have(const MariaNames *names, const char *name);
extern char *maria_number_name(const char *stem, const char *suffix,
							   MariaNames *numbers, const MariaNames *used,
							   const MariaNames *also);
extern List *maria_local_names(List *names, bool are_columns);

#endif							/* MARIADB_FDW_NAMES_H */
