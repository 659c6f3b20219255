/* An e-commerce message: decoded into documents, encoded and decoded again, it says the same. */

#include "formats/cn-ceb/ceb.h"
#include "round_trip.h"

int fuzz_ceb(const uint8_t *data, size_t len);

static const struct rg_format formats[] = {
	{
		.name = "cn-ceb",
		.version = CN_CEB_VERSION,
		.media_type = "application/xml",
		.profile = &ceb_requests,
		CEB_FORMAT_FUNCTIONS,
	},
	{
		.name = "cn-ceb-receipt",
		.version = CN_CEB_VERSION,
		.media_type = "application/xml",
		.profile = &ceb_receipts,
		CEB_FORMAT_FUNCTIONS,
	},
};
static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "cn",
	.name = "",
	.authority = "",
	.formats = formats,
	.n_formats = 2};

int fuzz_ceb(const uint8_t *data, size_t len)
{
	round_trip(&adapter, (struct rg_bytes){data, len});
	return 0;
}
