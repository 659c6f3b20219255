/*
 * Cambodia: General Department of Customs and Excise, ASYCUDA World
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
			"no Cambodian file was available: elements are those of other ASYCUDA "
			"World countries, Cambodian code lists pass unchecked",
		.profile = &asycuda_sad_profile,
		XML_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "kh",
	.name = "Cambodia",
	.authority = "General Department of Customs and Excise, Ministry of Economy and "
		     "Finance",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
