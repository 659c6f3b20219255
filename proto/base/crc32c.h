#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

/*
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4): finds damage, proves nothing
 *
 * It runs over every byte that the journal writes or reads back, so it uses the
 * processor's own instruction where there is one (several GB/s) and a table
 * elsewhere (some hundred MB/s). Both give the same numbers.
 */

#include <stdint.h>

#include <rivergate/bytes.h>

/*
 * The checksum of what was summed so far followed by bytes; start with 0. So
 * crc32c(crc32c(0, a), b) is the checksum of a ‖ b. Of no bytes it is 0.
 */
uint32_t crc32c(uint32_t crc, struct rg_bytes bytes);

/* The same by the table alone; what crc32c() does on other processors. For tests. */
uint32_t crc32c_portable(uint32_t crc, struct rg_bytes bytes);

#endif
