// node validate.mjs SCHEMA
// `prisma validate` and `prisma format --check`. Exit 0: valid and formatted.
import { format, readSchema, validate } from './prisma.mjs'

const schema = readSchema(process.argv[2])
validate(schema)
if (format(schema) !== schema) {
  console.error('Prisma would format it in another way')
  process.exit(1)
}
