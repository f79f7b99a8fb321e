"""Settings that superset.sh serves with; all others are Superset's own.

Superset caches no results unless told to, so a new published version shows at the next query.
"""

from superset.config import TALISMAN_CONFIG

LANGUAGES = {
    "en": {"flag": "us", "name": "English"},
    "zh": {"flag": "cn", "name": "中文"},
}

# Browsers may ask this server only: no counting of its users by others, no maps from others.
TALISMAN_CONFIG["content_security_policy"] |= {
    "img-src": ["'self'", "blob:", "data:"],
    "connect-src": ["'self'"],
}
