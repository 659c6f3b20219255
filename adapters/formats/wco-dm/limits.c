/*
 * WCO Data Model: what elements have room for
 *
 * From the simple types of WCO_DEC_DS_2_DMS and WCO_RES_DS_2_DMS. The more steps a row
 * has, the earlier it stands.
 *
 * Threads: constants only.
 */
#include "formats/wco-dm/wco.h"

const struct xml_limit wco_limits[] = {
	{"TransportEquipment[]/ID", "an..17"},
	{"BorderTransportMeans/ID", "an..35"},
	{"ArrivalTransportMeans/ID", "an..35"},
	{"DepartureTransportMeans/ID", "an..35"},
	{"BorderTransportMeans/Name", "t..35"},
	{"ArrivalTransportMeans/Name", "t..35"},
	{"DepartureTransportMeans/Name", "t..35"},
	{"AdditionalDocument[]/ID", "an..70"},
	{"AdditionalDocument[]/Name", "t..35"},
	{"LoadingLocation/Name", "t..256"},
	{"LoadingLocation/ID", "an..17"},
	{"GoodsLocation/Name", "t..256"},
	{"Classification[1]/ID", "an..18"},
	{"Communication[]/ID", "an..50"},
	{"Invoice/ID", "an..70"},
	{"ExportCountry/ID", "a2"},
	{"Seal[]/ID", "an..35"},
	{"UCR/ID", "an..35"},
	{"Origin[1]/CountryCode", "an..4"},
	{"Packaging[]/TypeCode", "an..2"},
	{"BorderTransportMeans/TypeCode", "an..4"},
	{"ArrivalTransportMeans/TypeCode", "an..4"},
	{"DepartureTransportMeans/TypeCode", "an..4"},
	{"TradeTerms/Description", "t..70"},
	{"Commodity/Description", "t..512"},
	{"TradeTerms/LocationName", "t..256"},
	{"TradeTerms/LocationID", "an..17"},
	{"ConditionCode", "a3"},
	{"FunctionalReferenceID", "an..35"},
	{"CityName", "t..35"},
	{"CountryCode", "a2"},
	{"CountrySubDivisionCode", "an..9"},
	{"CountrySubDivisionName", "t..35"},
	{"Line", "t..70"},
	{"PostcodeID", "an..9"},
	{"RegionID", "an..9"},
	{"RoutingCountryCode", "a2"},
	{"RegistrationNationalityCode", "a2"},
	{"PaymentMethodCode", "an..3"},
	{"ModeCode", "n1"},
	{"Name", "t..70"},
	{"TypeCode", "an..3"},
	{"CategoryCode", "an..3"},
	{"SequenceNumeric", "n..5"},
	{"UNDGID", "n..4"},
	{"MarksNumbersID", "t..512"},
	{"PackingMaterialDescription", "t..256"},
	{"QuantityQuantity", "n..8"},
	{"GoodsItemQuantity", "n..5"},
	{"LoadingListQuantity", "n..5"},
	{"TotalPackageQuantity", "n..8"},
	{"TotalGrossMassMeasure", "n..16,6"},
	{"GrossMassMeasure", "n..16,6"},
	{"NetNetWeightMeasure", "n..16,6"},
	{"TariffQuantity", "n..16,6"},
	{"InvoiceAmount", "n..16,3"},
	{"FreightChargeAmount", "n..16,3"},
	{"ItemChargeAmount", "n..16,3"},
	{"@currencyID", "a3"},
	{"@unitCode", "an..5"},
};

const size_t wco_n_limits = sizeof(wco_limits) / sizeof(wco_limits[0]);

const char *const wco_credentials[] = {"AccessCode", NULL};
