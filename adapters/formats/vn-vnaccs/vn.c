/*
 * Viet Nam VNACCS/VCIS: the messages and their layouts
 *
 * Messages that have no row here are decoded line by line into extensions.
 *
 * Threads: constants only.
 */
#include "formats/vn-vnaccs/vn.h"

static const char imports[] = "DIRECTION_IMPORT";
static const char exports[] = "DIRECTION_EXPORT";

static const struct naccs_message messages[] = {
	/* Register, call up, declare, and the same for corrections. */
	{"IDA", NACCS_REQUEST, imports, &vn_vnaccs_ida},
	{"IDA01", NACCS_REQUEST, imports, &vn_vnaccs_ida},
	{"IDB", NACCS_REQUEST, imports, &vn_vnaccs_idb},
	{"IDC", NACCS_REQUEST, imports, &vn_vnaccs_idc},
	{"IDD", NACCS_REQUEST, imports, &vn_vnaccs_idd},
	{"IDE", NACCS_REQUEST, imports, &vn_vnaccs_idc},
	{"EDA", NACCS_REQUEST, exports, &vn_vnaccs_eda},
	{"EDA01", NACCS_REQUEST, exports, &vn_vnaccs_eda},
	{"EDB", NACCS_REQUEST, exports, &vn_vnaccs_edb},
	{"EDC", NACCS_REQUEST, exports, &vn_vnaccs_edc},
	{"EDD", NACCS_REQUEST, exports, &vn_vnaccs_edd},
	{"EDE", NACCS_REQUEST, exports, &vn_vnaccs_edc},
	/* Small values: declare, call up, correct. */
	{"MIC", NACCS_REQUEST, imports, &vn_vnaccs_mic},
	{"MID", NACCS_REQUEST, imports, &vn_vnaccs_mid},
	{"MIE", NACCS_REQUEST, imports, &vn_vnaccs_mic},
	{"MEC", NACCS_REQUEST, exports, &vn_vnaccs_mec},
	{"MED", NACCS_REQUEST, exports, &vn_vnaccs_med},
	{"MEE", NACCS_REQUEST, exports, &vn_vnaccs_mec},
	/* What is called up comes back in the layout in which it is sent. */
	{"VAD419", NACCS_REPLY, imports, &vn_vnaccs_ida},
	{"VAD424", NACCS_REPLY, imports, &vn_vnaccs_ida},
	/* Import: copies, channel, release request; cleared, released; small values. */
	{"VAD0AA", NACCS_REPLY, imports, &vn_vnaccs_vad1ac},
	{"VAD0AB", NACCS_REPLY, imports, &vn_vnaccs_vad1ac},
	{"VAD1AC", NACCS_REPLY, imports, &vn_vnaccs_vad1ac},
	{"VAD1BK", NACCS_REPLY, imports, &vn_vnaccs_vad1ac},
	{"VAD1RC", NACCS_REPLY, imports, &vn_vnaccs_vad1ac},
	{"VAD1AG", NACCS_REPLY, imports, &vn_vnaccs_vad1ag},
	{"VAD1BJ", NACCS_REPLY, imports, &vn_vnaccs_vad1ag},
	{"VAD1RG", NACCS_REPLY, imports, &vn_vnaccs_vad1ag},
	{"VAD1FC", NACCS_REPLY, imports, &vn_vnaccs_vad1fc},
	{"VAD1FG", NACCS_REPLY, imports, &vn_vnaccs_vad1fc},
	/* Inspection ordered, cancelled (export: 474, 478); order to amend. */
	{"VAD487", NACCS_REPLY, imports, &vn_vnaccs_vad487},
	{"VAD491", NACCS_REPLY, imports, &vn_vnaccs_vad487},
	{"VAD800", NACCS_REPLY, imports, &vn_vnaccs_vad800},
	/* Export: the same. */
	{"VAE0LA", NACCS_REPLY, exports, &vn_vnaccs_vae1ld},
	{"VAE0LB", NACCS_REPLY, exports, &vn_vnaccs_vae1ld},
	{"VAE1LD", NACCS_REPLY, exports, &vn_vnaccs_vae1ld},
	{"VAE1RD", NACCS_REPLY, exports, &vn_vnaccs_vae1ld},
	{"VAE1LF", NACCS_REPLY, exports, &vn_vnaccs_vae1lf},
	{"VAE1RF", NACCS_REPLY, exports, &vn_vnaccs_vae1lf},
	{"VAE1JD", NACCS_REPLY, exports, &vn_vnaccs_vae1jd},
	{"VAE1JF", NACCS_REPLY, exports, &vn_vnaccs_vae1jd},
	{"VAE800", NACCS_REPLY, exports, &vn_vnaccs_vae800},
};

const struct naccs_profile vn_vnaccs_profile = {
	.format = "vn-vnaccs",
	.messages = messages,
	.n_messages = sizeof(messages) / sizeof(messages[0]),
	.import_message = "IDA",
	.export_message = "EDA",
	.likelihood = 90,
};
