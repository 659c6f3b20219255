"""Declarations and certificates as national systems write them, for the stories.

Each function makes one file in a national format from goods and a few words; everything else in it
is invented. Goods are (tariff code, origin, net mass in KGM).
"""

import pathlib
import re

SOURCE = pathlib.Path(__file__).parents[2]

ALPHA3 = {"CN": "CHN", "KH": "KHM", "LA": "LAO", "MM": "MMR", "TH": "THA", "VN": "VNM"}


def own(path):
    return (SOURCE / path).read_text(encoding="utf-8")


def element(text, name, value, count=0):
    """Every element of that name holds the value."""
    changed, n = re.subn(rf"<{name}(/>|>.*?</{name}>)", f"<{name}>{value}</{name}>", text, count=count, flags=re.S)
    assert n, f"the template has no {name}"
    return changed


def thai_export(reference, office, destination, plate, goods):
    """th-ecustoms, ExportDeclaration; office: area code of the release port."""
    text = own("adapters/th/testdata/export-durian.xml")
    head, detail = text[:text.index("  <ExportInvoiceDetail>")], text[text.index("  <ExportInvoiceDetail>"):]
    detail = detail[:detail.index("</ExportDeclaration>")]
    detail = re.sub(r" *<ExportInvoiceDetailPermit>.*</ExportInvoiceDetailPermit>\n", "", detail, flags=re.S)
    total = sum(mass for _, _, mass in goods)
    for name, value in (("ReferenceNumber", reference), ("ReleasePort", office), ("LoadPort", office),
                        ("PurchaseCountryCode", destination), ("DestinationCountryCode", destination),
                        ("VesselName", plate), ("TotalNetWeight", f"{total}.000"),
                        ("TotalGrossWeight", f"{total}.000"), ("Country", destination)):
        head = element(head, name, value)
    lines = []
    for number, (tariff, origin, mass) in enumerate(goods, 1):
        line = detail
        for name, value in (("ItemNumber", number), ("InvoiceItemNumber", number), ("TariffCode", tariff),
                            ("OriginCountryCode", origin), ("NetWeight", f"{mass}.000"),
                            ("Quantity", f"{mass}.000"), ("InvoiceQuantity", f"{mass}.000"),
                            ("PackageAmount", 10), ("PurchaseCountryCode", destination),
                            ("LastEntry", "Y" if number == len(goods) else "N")):
            line = element(line, name, value)
        lines.append(line)
    return (head + "".join(lines) + "</ExportDeclaration>\n").encode()


def sad_export(number, office, country, destination, plate, goods, container="", seal=""):
    """asycuda-sad, an export registered in 2026."""
    text = own("adapters/la/testdata/export-bananas.xml")
    text = text.replace("LA 8012 / LA 5520", plate).replace("TGHU1234565", container).replace("LAO220117", seal)
    begin, end = text.index("  <Item>"), text.rindex("</Item>") + len("</Item>\n")
    item = text[begin:end]
    head, tail = text[:begin], text[end:]
    for name, value in (("Customs_clearance_office_code", office), ("Export_country_code", country),
                        ("Country_first_destination", destination), ("Trading_country", destination),
                        ("Destination_country_code", destination)):
        head = element(head, name, value)
    head = re.sub(r"<Number>4711</Number>", f"<Number>{number}</Number>", head)
    head = re.sub(r"<Border_office>.*?</Border_office>",
                  f"<Border_office>\n<Code>{office}</Code>\n<Name><null/></Name>\n</Border_office>", head, flags=re.S)
    items = []
    for tariff, origin, mass in goods:
        line = item
        for name, value in (("Commodity_code", tariff), ("Country_of_origin_code", origin),
                            ("Net_weight_itm", f"{mass}.0"), ("Gross_weight_itm", f"{mass}.0")):
            line = element(line, name, value)
        items.append(line)
    return (head + "".join(items) + tail).encode()


def phytosanitary(number, container, seal):
    """sps-ephyto, a Thai certificate for durian to China."""
    text = own("adapters/formats/sps-ephyto/testdata/certificate-durian.xml")
    text = text.replace("TH-PC-2026-004711", number).replace("TGHU1234565", container).replace("TH770123", seal)
    text = re.sub(r"\s*<ram:AffixedSPSSeal>\s*<ram:ID>DOA-0009</ram:ID>\s*</ram:AffixedSPSSeal>", "", text)
    return text.encode()


def chinese_import(entry, office, origin, tariff, mass, plate, container):
    """cn-dec, an import declaration that has its number."""
    text = own("adapters/cn/testdata/import-durian.xml")
    for name, value in (("EntryId", entry), ("CustomMaster", office), ("IEPort", office), ("TradeCountry", ALPHA3[origin]),
                        ("OriginCountry", ALPHA3[origin]), ("TradeAreaCode", ALPHA3[origin]), ("CodeTS", tariff),
                        ("TrafName", plate), ("ContainerId", container), ("GQty", f"{mass}.00000"),
                        ("FirstQty", f"{mass}.00000"), ("NetWt", f"{mass}.00000")):
        text = element(text, name, value)
    return text.encode()


# --- VNACCS: fixed lines ------------------------------------------------------------------------------

VNACCS_HEADER = 400   # with its CR LF


class VnaccsMessage:
    """A message of the NACCS family: lines of fixed width, known by their number."""

    def __init__(self, data):
        self.header, body = bytearray(data[:VNACCS_HEADER]), data[VNACCS_HEADER:]
        self.lines = body.split(b"\r\n")

    def get(self, number):
        return self.lines[number - 1].decode().strip()

    def put(self, number, value):
        """Text stands at the left, in the width of the line."""
        width = len(self.lines[number - 1])
        value = str(value).encode()
        self.lines[number - 1] = b" " * width
        assert len(value) <= width, (number, width, value)
        self.lines[number - 1] = value.ljust(width)

    def data(self):
        body = b"\r\n".join(self.lines)
        header = bytearray(self.header)
        header[392:398] = f"{VNACCS_HEADER + len(body):06}".encode()
        return bytes(header) + body


def vietnamese_export(number, office, plate):
    """vn-vnaccs, an EDA for 18 t of dragon fruit to China, registered on 22 November 2026."""
    message = VnaccsMessage((SOURCE / "adapters/vn/testdata/export-dragonfruit.edi").read_bytes())
    for line, value in ((1, number), (10, office), (12, "22112026"), (40, plate)):
        message.put(line, value)
    return message.data()
