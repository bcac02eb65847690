//! What the gateway itself refuses; everything else that a client sees comes from a service.

kit::codes! {
    UPGRADE_NOT_VALID = 400 "errMsg_upgradeIsNotValid" "A WebSocket begins with a GET without a body that says Connection: Upgrade.";
    ORIGIN_NOT_ALLOWED = 403 "errMsg_originIsNotAllowed" "Pages of this origin may not call this address.";
    UNKNOWN_ENVIRONMENT = 404 "errMsg_unknownEnvironment" "No environment answers under this host.";
    SERVICE_NOT_DEPLOYED = 404 "errMsg_serviceIsNotDeployed" "This environment has no such service.";
    ADDRESS_TOO_LONG = 414 "errMsg_addressIsTooLong" "The path and query are longer than 16,384 bytes.";
    TOO_MANY_REQUESTS = 429 "errMsg_tooManyRequests" "Too many requests of this user or from this address; wait.";
    HEADERS_TOO_LARGE = 431 "errMsg_headersAreTooLarge" "The request has more than 80 headers, or more than 64 KiB of them.";
    BAD_GATEWAY = 502 "errMsg_badGateway" "The service cannot be reached, or broke off before it answered.";
    GATEWAY_TIMEOUT = 504 "errMsg_gatewayTimeout" "The service did not answer in time.";
}
