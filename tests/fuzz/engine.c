/*
 * The entry that libFuzzer calls, for one target.
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdint.h>

int FUZZ_TARGET(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	FUZZ_TARGET(data, len);
	return 0;
}
