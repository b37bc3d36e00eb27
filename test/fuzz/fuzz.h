/*
 * Declarations shared by the targets of the fuzzer.
 */
#ifndef MARIADB_FDW_FUZZ_H
#define MARIADB_FDW_FUZZ_H

#include "postgres.h"

#include "fmgr.h"

#include "schema/target.h"

/* One parser or decoder; prepare runs once, in permanent memory. */
typedef struct FuzzTarget
{
	const char *name;
	void		(*run) (const uint8 *data, size_t size);
	void		(*prepare) (void);
} FuzzTarget;

/* An input, read from its beginning. */
typedef struct FuzzInput
{
	const uint8 *at;
	const uint8 *end;
} FuzzInput;

extern const FuzzTarget fuzz_text_targets[];
extern const FuzzTarget fuzz_schema_targets[];
extern const FuzzTarget fuzz_value_targets[];
extern const FuzzTarget fuzz_verify_targets[];
extern const FuzzTarget fuzz_server_targets[];
extern const FuzzTarget fuzz_repeat_targets[];

/* fuzz.c */
extern const FuzzTarget *fuzz_target(const char *name);
extern char *fuzz_text(const uint8 *data, size_t size);
extern uint8 fuzz_byte(FuzzInput *input);
extern uint32 fuzz_number(FuzzInput *input, int width);
extern char *fuzz_line(FuzzInput *input);
extern void fuzz_fail(const char *format,...) pg_attribute_printf(1, 2);
extern void fuzz_wrong(const char *format,...) pg_attribute_printf(1, 2);

/* plan.c */
extern MariaTarget *fuzz_plan_schema(MariaRemoteSchema *remote);

#endif							/* MARIADB_FDW_FUZZ_H */
