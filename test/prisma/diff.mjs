// node diff.mjs SCHEMA POSTGRES_URL
// `prisma migrate diff` from the database to the schema: prints the SQL that
// the database lacks. Exit 0: no drift; 2: drift.
import { readSchema, schemaEngine } from './prisma.mjs'

const [path, url] = process.argv.slice(2)
const drift = await (await schemaEngine(readSchema(path), url)).drift()
process.stdout.write(drift, () => process.exit(drift ? 2 : 0))
