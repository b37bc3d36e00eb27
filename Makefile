# mariadb_fdw: moves a MariaDB database into PostgreSQL.
#
#   make demo [KEEP=1] [SCALE=N]   see a database arrive, on a bare machine
#   make test [KEEP=1]             everything that must pass
#   make bench [BENCH_SCALE=0.1]   rows per second, beside mysql_fdw
#   make && make install           build against PG_CONFIG
#   make lint, make indent         the rules of the house
#   make dist [DIST_DIR=.]         the archive of a release, for PGXN
#   make soak                      migrations cut off at random; SOAK_ROUNDS=60,
#                                  SOAK_SEED=N
#   make matrix [MATRIX="trixie sid"]
#                                  all of it on other Debian releases, as root
#   make sanitize                  the tests on a PostgreSQL that reports memory
#                                  faults; SANITIZE_TESTS="regress test/t/06*.t"
#   make fuzz [FUZZ_TARGET=x] [FUZZ_SECONDS=n]
#                                  parsers and decoders; make fuzz-coverage
#
# WERROR=1 makes warnings errors; ASSERT=1 turns PostgreSQL's assertions on.

EXTENSION = mariadb_fdw
MODULE_big = mariadb_fdw
OBJS = mariadb_fdw.o $(patsubst %.c,%.o,$(sort $(shell find src -name '*.c')))

# The control file is the one place that says the version.
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)
DATA_built = $(EXTENSION)--$(EXTVERSION).sql

# A release keeps the script of each earlier version, as it was shipped, and
# has one from that to its own: test/t/74_upgrade.t runs them.
DATA = $(filter-out $(DATA_built),$(wildcard $(EXTENSION)--*.sql))

REGRESS = options arguments import scan values errors enums functions verify differences compare_query policies ddl prisma preflight migrate copy reject replay report newer_server hygiene

# PostgreSQL's headers count as system headers, so that only our own warn.
# Callbacks have parameters they do not need, and table rows leave out fields.
PG_CPPFLAGS = -Isrc -DMARIADB_FDW_VERSION='"$(EXTVERSION)"' \
	-isystem $(includedir_server) $(mariadb_cflags)
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
SHLIB_LINK = $(mariadb_libs)
ifdef WERROR
PG_CFLAGS += -Werror
endif
ifdef ASSERT
PG_CPPFLAGS += -DUSE_ASSERT_CHECKING=1
endif

mariadb_cflags := $(or $(shell mariadb_config --cflags 2>/dev/null),-I/usr/include/mariadb)
mariadb_libs := $(or $(shell mariadb_config --libs 2>/dev/null),-lmariadb)

# No bitcode: nothing here gains from being inlined by the JIT.
override with_llvm = no

PG_CONFIG ?= pg_config
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))

ifneq ($(PGXS),)
flags_file = .build-flags
EXTRA_CLEAN = $(flags_file)
include $(PGXS)

# Every object depends on every header, and on the flags it was made with.
$(OBJS): $(shell find src -name '*.h') $(flags_file)

flags := $(strip $(CC) $(CFLAGS) $(CPPFLAGS))
$(flags_file): $(if $(subst x$(flags)x,,x$(strip $(file <$(flags_file)))x),always)
	$(file >$@,$(flags))

$(DATA_built): src/sql $(sort $(wildcard src/sql/*.sql)) $(EXTENSION).control
	cat $(filter %.sql,$^) > $@
else
all install installcheck clean:
	@echo "PostgreSQL's server headers are not here ($(PG_CONFIG) --pgxs);" >&2
	@echo "run test/lab/install, or install postgresql-server-dev-N." >&2
	@exit 1
endif

# These install what is missing, so they must work before PGXS is there.
demo:
	test/lab/build
	LAB_DATABASE=evolution test/lab/lab test/lab/demo

test:
	test/lab/build WERROR=1 ASSERT=1
	test/lab/lab test/lab/test

matrix:
	test/matrix/matrix $(MATRIX)

soak:
	test/lab/build WERROR=1 ASSERT=1
	test/lab/lab test/soak/soak

bench:
	test/lab/install bench
	test/lab/build
	LAB_BUFFER_POOL=2G LAB_DATABASE=bench test/lab/lab test/bench/bench

lint:
	test/lab/install lint
	test/lint/lint

indent:
	test/lab/install lint
	test/lint/indent

# What .gitattributes leaves out is not in it; the name is what PGXN expects.
DIST_DIR = .
DIST = $(EXTENSION)-$(shell sed -n 's/^  "version": "\(.*\)",/\1/p' META.json)

dist:
	git archive --format=zip --prefix=$(DIST)/ -o $(DIST_DIR)/$(DIST).zip HEAD

.PHONY: all install installcheck clean demo test matrix soak bench lint indent dist always

# Both build what they need in a cache outside of the tree.
export SANITIZE_TESTS FUZZ_TARGET FUZZ_SECONDS FUZZ_LENIENT

sanitize:
	test/lab/sanitize

fuzz:
	test/fuzz/run

fuzz-coverage:
	test/fuzz/run coverage

.PHONY: sanitize fuzz fuzz-coverage
