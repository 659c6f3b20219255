/*
 * Lao PDR: Lao Customs Department, ASYCUDA World
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/asycuda-sad/sad.h"
#include "formats/xml/format.h"

static const struct rg_format formats[] = {
	{
		.name = "asycuda-sad",
		.version = ASYCUDA_SAD_VERSION,
		.media_type = "application/xml",
		.unverified =
			"no Lao file was available: elements are those of other ASYCUDA World "
			"countries, Lao code lists pass unchecked",
		.profile = &asycuda_sad_profile,
		XML_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "la",
	.name = "Lao PDR",
	.authority = "Lao Customs Department, Ministry of Finance",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
