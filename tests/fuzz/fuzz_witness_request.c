/* Requests to a witness: what is read is written back as it was. */

#include <stdlib.h>

#include "evidence/witness_request.h"

int fuzz_witness_request(const uint8_t *data, size_t len);

int fuzz_witness_request(const uint8_t *data, size_t len)
{
	scoped(buf_deinit) struct buf again = {0};
	struct witness_request request;
	const char *why = NULL;

	if (!witness_request_read(bytes_of(data, len), &request, &why)) {
		return why ? 0 : (abort(), 0);
	}
	if (witness_request_write(&request, &again) ||
		!bytes_equal(buf_view(&again), bytes_of(data, len))) {
		abort();
	}
	return 0;
}
