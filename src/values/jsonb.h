#ifndef MARIA_VALUES_JSONB_H
#define MARIA_VALUES_JSONB_H

extern Datum maria_jsonb_from_text(const char *data, size_t len);

#endif							/* MARIA_VALUES_JSONB_H */
