"""The address by which an article is known, whatever link led to it."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

import tldextract

# Parameters that say where a reader came from, never what the page is. By prefix: campaign systems' families.
TRACKING_PREFIXES = (
    "utm_", "at_", "ns_", "mc_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "_hs", "wt_", "ga_", "oly_", "vero_",
    "guce_", "amp_js", "amp_gsa", "dicbo", "itm_", "stm_", "int_c", "sc_c", "ss_", "soc_",
)  # fmt: skip
TRACKING_WORDS = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid yclid igshid igsh mibextid li_fat_id epik
    ref ref_ ref_src ref_url refer referer referrer source src_ref fromref
    cmp cmpid cmp_id campaign campaignid campaign_id cid_source icid ncid ocid intcid s_cid rss_id
    xtor xtref maca smid smtyp emc ftag taid tsrc tpcc ito ico mbid sh share shared sref sr_share spm trk trkid
    guccounter _ga _gl __twitter_impression __s usqp hss_channel dtid wpisrc wpmm traffic_source feedtype feedname
    echobox fb_action_ids fb_action_types fb_source fb_ref ftcamp amp _amp
"""
TRACKING_NAMES = frozenset(TRACKING_WORDS.split())
# An address in a feed often says so in a parameter whose name is the outlet's own (`r=rss`, `from=feed`).
TRACKING_VALUES = frozenset({"rss", "rss-feed", "rssfeed", "feed", "atom"})
AMP_PARAMETERS = frozenset({("output", "amp"), ("outputtype", "amp"), ("type", "amp"), ("view", "amp"), ("m", "amp")})

AMP_CACHE_HOSTS = ("cdn.ampproject.org", "ampproject.net")
AMP_VIEWER = re.compile(r"^(?:www\.)?google\.[a-z.]{2,6}$")
AMP_CACHED = re.compile(r"^/(?:amp/|[cvi]/)?(?P<secure>s/)?(?P<address>[^/]+\.[^/]+/.*)$")
AMP_PATH = re.compile(r"^(?:/amp(?:html)?)+(?=/[^/])|(?<=[^/])(?:/amp(?:html)?)+(?=/?$)|\.amp(?=$|\.html?$)", re.I)
OTHER_HOSTS = ("m.", "mobile.", "amp.")  # the same article for a small screen

NUMERIC = re.compile(r"\d|.*[\]:]")  # the last label of an IP address
DEFAULT_PORTS = {"http": 80, "https": 443}
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
PATH_SAFE = "/%:@!$&'()*+,;=~"
QUERY_SAFE = PATH_SAFE + "?[]"

WORD = re.compile(r"[^\W\d_]{3,}")
OF_ANY_LIVE_PAGE = frozenset(
    {"live", "blog", "liveblog", "ticker", "update", "updates", "news", "latest", "breaking", "direct", "vivo", "html"}
)

# The list that ships with the library: no network, no cache directory. Private suffixes (blogspot.com) are borders
# too: what two customers of one host publish is not the same site.
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_suffixes("www.example.com")  # reads the list now, at import, so that no later call touches a file


def canonical(url: str) -> str:
    """The normal form of a web address; idempotent. What is no http(s) address comes back as it is, stripped.

    Folded: case of scheme and host, default port, user, fragment, percent-encoding, tracking parameters, AMP and
    mobile forms. Kept: http or https, the trailing slash (servers differ on it and name their own form), the order
    of what remains of the query.
    """
    url = url.strip()
    for _ in range(8):  # a cached address inside a cached address …; each round only ever shortens or settles
        settled = _normal_form(url)
        if settled == url:
            break
        url = settled
    return url


def same_site(a: str, b: str) -> bool:
    """Whether two addresses lie within one registrable domain; addresses without one must share host and port."""
    first, second = site(a), site(b)
    return first is not None and first == second


def page_words(url: str) -> tuple[str, ...]:
    """What the address of a live page says of it, for one of its entries (whose addresses end in `#` and a name).

    It is the one word on what an entry is about that stays as it is while the page's headline follows the news.
    """
    page, mark, _ = url.partition("#")
    parts = _split(page) if mark else None
    if parts is None:
        return ()
    spoken = (WORD.findall(segment) for segment in unquote(parts.path).casefold().split("/") if "-" in segment)
    return tuple(word for word in max(spoken, key=len, default=[]) if word not in OF_ANY_LIVE_PAGE)


def _normal_form(url: str) -> str:
    parts = _split(url)
    if parts is None:
        return url
    cached = _behind_amp_cache(parts)
    if cached is not None:
        return cached
    path = _spelled(_without_dots(AMP_PATH.sub("", parts.path)) or "/", PATH_SAFE)
    query = _kept_query(parts.query)
    return f"{parts.scheme}://{_host_and_port(parts)}{path}{'?' + query if query else ''}"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:
        return None
    return parts if usable else None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    return f"[{host}]" if ":" in host else host


def _host_and_port(parts: SplitResult) -> str:
    host, port = _folded_host(_host(parts)), parts.port
    return host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"


def _folded_host(host: str) -> str:
    """`m.paper.example` is `www.paper.example`; `m.news.paper.example` is `news.paper.example`."""
    while (rest := host.removeprefix(next(filter(host.startswith, OTHER_HOSTS), ""))) != host:
        registrable = _registrable(rest)
        if not registrable:
            break
        host = f"www.{rest}" if rest == registrable else rest
    return host


def _behind_amp_cache(parts: SplitResult) -> str | None:
    """The address that an AMP cache holds a copy of, or None where `parts` is no such cache."""
    host = _host(parts)
    viewer = AMP_VIEWER.match(host) and parts.path.startswith("/amp/")
    if not viewer and not host.endswith(AMP_CACHE_HOSTS):
        return None
    match = AMP_CACHED.match(parts.path)
    if match is None:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return f"{'https' if match['secure'] else 'http'}://{match['address']}{query}"


def _kept_query(query: str) -> str:
    kept = [part for part in query.split("&") if part and not _is_tracking(part)]
    return _spelled("&".join(kept), QUERY_SAFE)


def _is_tracking(part: str) -> bool:
    name, _, value = unquote(part).lower().partition("=")
    return (
        name in TRACKING_NAMES
        or name.startswith(TRACKING_PREFIXES)
        or value in TRACKING_VALUES
        or (name, value) in AMP_PARAMETERS
    )


def _spelled(text: str, safe: str) -> str:
    """One spelling of percent-encoding: upper-case hex, nothing encoded that need not be, all else encoded."""
    return quote(ESCAPE.sub(_respell, LONE_PERCENT.sub("%25", text)), safe=safe, errors="replace")


def _respell(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4, for absolute paths."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def site(url: str) -> str | None:
    """The registrable domain of an address, host and port where it has none; None for what is no http(s) address."""
    parts = _split(url.strip())
    if parts is None:
        return None
    host = _host(parts)
    return _registrable(host) or f"{host}:{parts.port or DEFAULT_PORTS[parts.scheme]}"


def _registrable(host: str) -> str | None:
    found = _suffixes.extract_str(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or None
    labels = host.split(".")  # the list's own rule for what it does not list: the last label is the suffix
    return ".".join(labels[-2:]) if len(labels) > 1 and not NUMERIC.match(labels[-1]) else None
