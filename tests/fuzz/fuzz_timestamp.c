/* Time-stamp responses: garbage is no token, and nothing but a query's own answer is good. */

#include <stdlib.h>
#include <string.h>

#include "evidence/timestamp.h"

int fuzz_timestamp(const uint8_t *data, size_t len);

/* Trusted, but of nobody whose key is known: whatever verifies below it is a forgery. */
static const char ca[] = "-----BEGIN CERTIFICATE-----\n"
			 "MIIBdjCCAR2gAwIBAgIUJ8NzOlbxNs9dxw7QctGtvoQyQCcwCgYIKoZIzj0EAwIw\n"
			 "ETEPMA0GA1UEAwwGbm9ib2R5MB4XDTI2MTEyMTIzMjExN1oXDTM2MTExODIzMjEx\n"
			 "N1owETEPMA0GA1UEAwwGbm9ib2R5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n"
			 "xTrh9QTJ7FYxnETkKDxRC9TbYgKjqEjCNzc9FWWmONoV1mrzjYmi6uBf9bw9mMqD\n"
			 "TWj/ZbVqUyglnkBGcuh0PqNTMFEwHQYDVR0OBBYEFNmWA1MsKuuGG2wE8SOLJIkD\n"
			 "TtAlMB8GA1UdIwQYMBaAFNmWA1MsKuuGG2wE8SOLJIkDTtAlMA8GA1UdEwEB/wQF\n"
			 "MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgSmbmVtCvOo3cMU7l7jkZBgYiFWCzBQOp\n"
			 "nKNKOlJWvMYCIBqzVddmI0XLwT0is982P+TZ5VIQJ85OU8Z/0Ms7coAF\n"
			 "-----END CERTIFICATE-----\n";

int fuzz_timestamp(const uint8_t *data, size_t len)
{
	static const uint8_t nonce[TIMESTAMP_NONCE_LEN] = {1, 2, 3};
	const struct timestamp_question question = {
		.response = {data, len},
		.text = bytes_of_text("rivergate.example/fuzz\n1\nroot\n"),
		.ca = bytes_of_text(ca),
		.nonce = len % 2 ? nonce : NULL,
	};
	struct timestamp_answer answer;
	struct rg_bytes text;

	if (timestamp_judge(&question, &answer) || answer.is_good || answer.what[0] == '\0') {
		abort();
	}
	if (timestamp_text_of(bytes_of(data, len), &text) &&
		(text.len == 0 || text.data[text.len - 1] != '\n' || text.len >= len)) {
		abort();
	}
	return 0;
}
