/* A national file in XML: decoded, encoded and decoded again, it says the same. */

#include "formats/asycuda-sad/sad.h"
#include "formats/xml/format.h"
#include "round_trip.h"

int fuzz_xml(const uint8_t *data, size_t len);

static const struct rg_format format = {
	.name = "asycuda-sad",
	.version = ASYCUDA_SAD_VERSION,
	.media_type = "application/xml",
	.profile = &asycuda_sad_profile,
	XML_FORMAT_FUNCTIONS,
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "la",
	.name = "",
	.authority = "",
	.formats = &format,
	.n_formats = 1};

int fuzz_xml(const uint8_t *data, size_t len)
{
	round_trip(&adapter, (struct rg_bytes){data, len});
	return 0;
}
