/*
 * Thailand: Customs Department, e-Customs
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/th-ecustoms/th.h"
#include "formats/xml/format.h"

static const struct rg_format formats[] = {
	{
		.name = "th-ecustoms",
		.version = TH_ECUSTOMS_VERSION,
		.media_type = "application/xml",
		.unverified = TH_ECUSTOMS_UNVERIFIED,
		.profile = &th_ecustoms_message,
		.detect = xml_detect,
		.decode = xml_decode,
		.encode = xml_encode,
		.validate = th_validate,
		.check_names = xml_check_names,
		.detect_named = xml_detect_named,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "th",
	.name = "Thailand",
	.authority = "Thai Customs Department",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
