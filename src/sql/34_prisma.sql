
-- Prisma: the text of schema.prisma, and the SQL of the application.

CREATE FUNCTION prisma_schema(prisma text) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_prisma_schema'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION prisma_schema(text)
IS 'the text of schema.prisma for PostgreSQL, made from that for MySQL, as Prisma formats it';

CREATE FUNCTION prisma_review(prisma text, OUT severity text, OUT object text,
  OUT finding text, OUT advice text, OUT line integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_prisma_review'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION prisma_review(text)
IS 'what in the text of schema.prisma a human must look at when the application moves to PostgreSQL; a row without a line is about the client as a whole';

CREATE FUNCTION review_sql(sql text, OUT line integer, OUT found text,
  OUT finding text, OUT postgresql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_review_sql'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION review_sql(text)
IS 'what PostgreSQL reads in another way in SQL of an application, also inside of $queryRaw and the like in a program''s text; postgresql is how to write it, NULL where that is not sure';
