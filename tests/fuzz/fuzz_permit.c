/* A certificate, a permit, a hub answer: decoded, encoded and decoded again, it says the same. */

#include "formats/cites-epix/cites.h"
#include "formats/sps-ephyto/answers.h"
#include "formats/sps-ephyto/content.h"
#include "formats/sps-ephyto/sps.h"
#include "formats/xml/format.h"
#include "round_trip.h"

int fuzz_permit(const uint8_t *data, size_t len);

static const struct rg_format formats[] = {
	{
		.name = "sps-ephyto",
		.version = SPS_EPHYTO_VERSION,
		.media_type = "application/xml",
		.profile = &sps_ephyto_profile,
		.document = "rivergate.v1.Certificate",
		.detect = sps_detect,
		.decode = sps_decode,
		.encode = xml_encode,
		.validate = sps_validate,
	},
	{
		.name = "sps-ephyto-answer",
		.version = SPS_ANSWER_VERSION,
		.media_type = "application/xml",
		.profile = &sps_answer_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "cites-epix",
		.version = CITES_EPIX_VERSION,
		.media_type = "application/xml",
		.profile = &cites_epix_profile,
		.document = "rivergate.v1.Certificate",
		XML_FORMAT_FUNCTIONS,
	},
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

static const struct rg_adapter adapter = {.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "",
	.authority = "",
	.formats = formats,
	.n_formats = N_FORMATS};

int fuzz_permit(const uint8_t *data, size_t len)
{
	round_trip(&adapter, (struct rg_bytes){data, len});
	return 0;
}
