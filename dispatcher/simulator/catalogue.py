"""RingCentral's error codes: status, message and the class that stands above some of them."""

from typing import NamedTuple

_INVALID = "InvalidParameter"
_NO_PERMISSION = "InsufficientPermissions"


class Known(NamedTuple):
    """What goes with a code. Without *top* the code itself is repeated at the top level."""

    status: int
    message: str
    top: str | None = None


KNOWN = {
    "AGW-402": Known(401, "Invalid Authorization header"),
    "BIL-103": Known(403, "Feature [MMS] is not available for current account"),
    "CMN-101": Known(400, "Parameter [{parameter}] value is invalid."),
    "CMN-102": Known(404, "Resource for parameter [{parameter}] is not found"),
    "CMN-103": Known(400, "JSON can't be parsed"),
    "CMN-104": Known(400, "Cannot parse request"),
    "CMN-106": Known(400, "Batch request is limited to {value} entries"),
    "CMN-110": Known(400, "[{parameter}] header should be specified"),
    "CMN-120": Known(404, "Invalid URI"),
    "CMN-201": Known(503, "Service Temporary Unavailable"),
    "CMN-203": Known(500, "Internal Server Error"),
    "CMN-301": Known(429, "Request rate exceeded"),
    "CMN-302": Known(429, "Request rate exceeded"),
    "CMN-303": Known(429, "Can not resolve API plan. Rate limits undefined"),
    "CMN-304": Known(429, "Duplicate concurrent request. Try again later"),
    "CMN-310": Known(429, "Global request rate exceeded"),
    "CMN-401": Known(
        403,
        "In order to call this API endpoint, application needs to have [{value}] permission",
        _NO_PERMISSION,
    ),
    "CMN-405": Known(401, "Login to extension required"),
    "CMN-406": Known(
        400, "Duplicate value for parameter {parameter}: {value} found in request"
    ),
    "CMN-408": Known(
        403,
        "In order to call this API endpoint, user needs to have [{value}] permission",
        _NO_PERMISSION,
    ),
    "CMN-419": Known(
        403,
        "In order to call this API endpoint for another extension, user needs to have "
        "[{value}] permission granted with extended scope",
        _NO_PERMISSION,
    ),
    "MSG-240": Known(403, "International SMS is not available for account."),
    "MSG-241": Known(403, "Cannot send SMS from Fax number"),
    "MSG-242": Known(403, "The requested feature is not available", "FeatureNotAvailable"),
    "MSG-243": Known(
        400,
        "Parameter [{parameter}] value [{value}] is invalid [Phone number is blocked]",
        _INVALID,
    ),
    "MSG-245": Known(
        400,
        "Parameter [{parameter}] value [{value}] is invalid "
        "[Cannot find the phone number which belongs to user]",
        _INVALID,
    ),
    "MSG-246": Known(400, "Sending SMS from/to extension numbers is not available", _INVALID),
    "MSG-247": Known(400, "Sending SMS to short numbers is not available", _INVALID),
    "MSG-290": Known(503, "Sending SMS to {value} failed. Please try later."),
    "MSG-304": Known(403, "Phone number doesn't belong to extension"),
    "MSG-305": Known(429, "Request rate exceeded"),
    "MSG-314": Known(403, "Extension is of inappropriate type"),
    "MSG-333": Known(400, "Parameter [{parameter}] value is invalid or expired", _INVALID),
    "MSG-338": Known(400, "Message size limit exceeded", _INVALID),
    "MSG-365": Known(
        400, "[country.id] and [country.isoCode] can not be specified simultaneously", _INVALID
    ),
    "MSG-367": Known(403, "Specified from phone number does not support SMS"),
    "MSG-376": Known(400, "Attachment size limit exceeded", _INVALID),
    "MSG-379": Known(400, "Too many attachments", _INVALID),
    "MSG-380": Known(403, "MMS feature is not available", "FeatureNotAvailable"),
    "MSG-381": Known(
        400, "Exceeded maximum number of recipients for a Group MMS: [{value}]", _INVALID
    ),
    "MSG-383": Known(403, "International MMS feature is not available", "FeatureNotAvailable"),
    "MSG-384": Known(403, "Account limits exceeded. Cannot send the message."),
    "MSG-388": Known(403, "The destination is prohibited"),
    "MSG-397": Known(403, "Toll Free SMS is not available for the account"),
    "MSG-403": Known(403, "International SMS is not allowed from Toll Free phone number"),
    "OAU-128": Known(401, "Access token expired", "TokenExpired"),
    "OAU-129": Known(401, "Access token corrupted", "TokenInvalid"),
    "OAU-149": Known(401, "Unparsable access token", "TokenInvalid"),
    "OAU-151": Known(401, "Authorization method not supported"),
    "OAU-213": Known(401, "Token not found", "TokenInvalid"),
    "SUB-406": Known(403, "Not allowed subscribe for events to extensions of other account"),
    "SUB-408": Known(403, "Not allowed subscribe for unknown user"),
    "SUB-505": Known(403, "Subscriptions limit exceeded"),
    "SUB-507": Known(404, "Subscription is not found"),
    "SUB-508": Known(400, "Invalid event filters"),
    "SUB-515": Known(400, "Subscription containing only reminder filter is not allowed"),
    "SUB-516": Known(400, "Invalid reminder parameters"),
    "SUB-520": Known(400, "Validation Token is not returned"),
    "SUB-521": Known(400, "WebHook is not reachable"),
    "SUB-522": Known(
        400, "WebHook responds with incorrect HTTP status. HTTP status is {value}"
    ),
    "SUB-523": Known(400, "HTTPS is required"),
    "SUB-524": Known(400, "HTTPS certificate is not valid"),
    "SUB-525": Known(400, "WebHook server response is invalid"),
}
