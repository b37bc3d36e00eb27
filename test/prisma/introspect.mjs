// node introspect.mjs SCHEMA POSTGRES_URL
// `prisma db pull --force`: prints the schema that the database alone tells.
import { readSchema, schemaEngine } from './prisma.mjs'

const [path, url] = process.argv.slice(2)
const pulled = await (await schemaEngine(readSchema(path), url)).pull(true)
process.stdout.write(pulled, () => process.exit())
