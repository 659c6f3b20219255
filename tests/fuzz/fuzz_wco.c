/* A file of the WCO Data Model: decoded, encoded and decoded again, it says the same. */

#include "formats/wco-dm/wco.h"
#include "formats/xml/format.h"
#include "round_trip.h"

int fuzz_wco(const uint8_t *data, size_t len);

static const struct rg_format formats[] = {
	{
		.name = "wco-dm",
		.version = WCO_DM_VERSION,
		.media_type = "application/xml",
		.profile = &wco_dm_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "wco-dm-response",
		.version = WCO_DM_RESPONSE_VERSION,
		.media_type = "application/xml",
		.profile = &wco_dm_response_profile,
		XML_FORMAT_FUNCTIONS,
	},
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "",
	.authority = "",
	.formats = formats,
	.n_formats = 2};

int fuzz_wco(const uint8_t *data, size_t len)
{
	round_trip(&adapter, (struct rg_bytes){data, len});
	return 0;
}
