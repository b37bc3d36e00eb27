// node ddl.mjs SCHEMA [POSTGRES_URL]
// Prints Prisma Migrate's SQL for a whole schema: provider mysql by our own
// renderer, provider postgresql by the real engine, which wants a server.
import { dmmf, providerOf, readSchema, schemaEngine } from './prisma.mjs'
import { mysqlDdl } from './mysql-ddl.mjs'

const [path, url] = process.argv.slice(2)
const schema = readSchema(path)
const sql = providerOf(schema) === 'mysql'
  ? mysqlDdl(dmmf(schema), schema)
  : await (await schemaEngine(schema, url)).ddl()
process.stdout.write(sql, () => process.exit())
