/*
 * Inside of mariadb.ddl: a plan of the target is made by plan.c and the
 * files it calls, and ddl.c writes it down as statements.
 */
#ifndef MARIADB_FDW_DDL_H
#define MARIADB_FDW_DDL_H

#include "mariadb_fdw.h"

#include "schema/ddl/plan.h"

/*
 * Steps: what comes first must be there for what follows.  Some are those of
 * mariadb.migrate only, between those of ddl.
 */
typedef enum DdlStep
{
	STEP_ENUM = 10,
	STEP_SEQUENCE = 20,
	STEP_TABLE = 30,
	STEP_PRIMARY_KEY = 50,
	STEP_UNIQUE = 60,
	STEP_INDEX = 70,
	STEP_CHECK = 80,
	STEP_STATISTICS = 85,
	STEP_FOREIGN_KEY = 90,
	STEP_CHECK_OF_FOREIGN_KEY = 95,
	STEP_COMPARISON = 96,
	STEP_OWNER = 100,
	STEP_TRIGGER = 110,
	STEP_VIEW = 120,
	STEP_COMMENT = 130
} DdlStep;

typedef struct DdlPlan
{
	MariaTarget *target;
	MariaOptions *types;		/* choices of types */
	bool		is_prisma;		/* profile prisma */
	bool		is_postgres_text;	/* provider of the text */
	bool		drops_prefix;
	bool		has_prefix_option;
	bool		has_identity;
	bool		has_comments;
	bool		explains_time;	/* has a note on CURRENT_TIMESTAMP */
	char	   *prisma_text;
	List	   *only;			/* names of tables; NIL = all */
	List	   *except;
	MariaNames *relation_names; /* taken in the local schema */
	MariaNames *relation_numbers;	/* tried for these */
} DdlPlan;

/* options.c */
extern DdlPlan *maria_ddl_options(Oid serverid, Datum options);

/* note.c */
extern void maria_ddl_note(DdlPlan *plan, DdlStep step, MariaNoteKind kind,
						   MariaTargetObject object, const char *format,...)
			pg_attribute_printf(5, 6);
extern MariaTargetObject maria_ddl_object(const MariaTargetTable *table,
										  const char *part);
extern MariaTargetObject maria_remote_object(const MariaRemoteTable *table,
											 const char *part);
extern MariaTargetObject maria_object(const MariaRemoteObject *object);

/* names.c */
extern char *maria_rename_default(const char *name, const char *table,
								  List *columns, const char *suffix);
extern char *maria_relation_name(DdlPlan *plan, DdlStep step,
								 const MariaTargetTable *table,
								 const char *name);

/* enums.c */
extern MariaTargetObject maria_type_object(const MariaTargetEnum *type,
										   const char *name);
extern void maria_plan_enums(DdlPlan *plan);
extern MariaTargetEnum *maria_target_enum(DdlPlan *plan,
										  const MariaRemoteColumn *column);

/* prisma.c */
extern void maria_ddl_parse_prisma(DdlPlan *plan);
extern const MariaPrismaBlock *maria_ddl_model(DdlPlan *plan,
											   const char *table);
extern const MariaPrismaField *maria_ddl_field(DdlPlan *plan,
											   const MariaPrismaBlock *model,
											   const char *column);
extern void maria_apply_field(DdlPlan *plan, MariaTargetTable *table,
							  MariaTargetColumn *column);
extern char *maria_field_default(const MariaTargetColumn *column);
extern void maria_compare_prisma(DdlPlan *plan);

/* prisma_keys.c */
extern char *maria_declared_index(DdlPlan *plan, MariaTargetTable *table,
								  MariaTargetIndex *index);
extern char *maria_declared_reference(DdlPlan *plan, MariaTargetTable *table,
									  MariaTargetForeignKey *key);
extern void maria_compare_keys(DdlPlan *plan, MariaTargetTable *table);

/* columns.c */
extern void maria_plan_columns(DdlPlan *plan, MariaTargetTable *table);
extern void maria_plan_values(DdlPlan *plan, MariaTargetTable *table);

/* defaults.c */
extern char *maria_plan_default(DdlPlan *plan, MariaTargetTable *table,
								MariaTargetColumn *column);

/* keys.c */
extern DdlStep maria_index_step(const MariaTargetIndex *index);
extern void maria_plan_primary_key(DdlPlan *plan, MariaTargetTable *table);
extern void maria_plan_indexes(DdlPlan *plan, MariaTargetTable *table);
extern void maria_plan_checks(DdlPlan *plan, MariaTargetTable *table);

/* references.c */
extern void maria_plan_references(DdlPlan *plan, MariaTargetTable *table);
extern void maria_match_references(DdlPlan *plan);

/* partitions.c */
extern void maria_plan_partitions(DdlPlan *plan, MariaTargetTable *table);

/* triggers.c */
extern char *maria_touch_body(const MariaTargetTable *table);

/* views.c */
extern void maria_plan_views(DdlPlan *plan);

/* sequences.c */
extern MariaTargetObject maria_sequence_object(const MariaRemoteSequence *sequence);
extern bool maria_fit_sequence(DdlPlan *plan, MariaRemoteSequence *sequence);

/* vector.c */
extern const char *maria_vector_index_problem(const MariaTargetColumn *column);
extern char *maria_vector_index_note(const MariaRemoteIndex *index);
extern char *maria_vector_operator_class(const MariaTargetIndex *index);
extern char *maria_vector_index_options(const MariaTargetIndex *index);

#endif							/* MARIADB_FDW_DDL_H */
