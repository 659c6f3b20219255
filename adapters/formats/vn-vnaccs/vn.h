#ifndef VN_VNACCS_VN_H
#define VN_VNACCS_VN_H

/*
 * Viet Nam VNACCS/VCIS: import and export declarations, small values, and their answers
 *
 * See README.md of this folder for what the tables were made from.
 */

#include "formats/naccs/layout.h"

#define VN_VNACCS_VERSION "1.0.0"

#define VN_VNACCS_UNVERIFIED \
	"no filled-in declaration was seen, only frames without one; data types of answers, " \
	"what a divided declaration repeats and unit codes are assumptions"

extern const struct naccs_profile vn_vnaccs_profile;

/* Layouts, named by their messages. Requests: */
extern const struct naccs_layout vn_vnaccs_ida, vn_vnaccs_idb, vn_vnaccs_idc, vn_vnaccs_idd;
extern const struct naccs_layout vn_vnaccs_eda, vn_vnaccs_edb, vn_vnaccs_edc, vn_vnaccs_edd;
extern const struct naccs_layout vn_vnaccs_mic, vn_vnaccs_mid, vn_vnaccs_mec, vn_vnaccs_med;
/* Answers: */
extern const struct naccs_layout vn_vnaccs_vad1ac, vn_vnaccs_vad1ag, vn_vnaccs_vad1fc;
extern const struct naccs_layout vn_vnaccs_vad487, vn_vnaccs_vad800;
extern const struct naccs_layout vn_vnaccs_vae1ld, vn_vnaccs_vae1lf, vn_vnaccs_vae1jd;
extern const struct naccs_layout vn_vnaccs_vae800;

#endif
