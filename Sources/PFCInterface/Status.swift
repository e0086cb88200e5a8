/// What every function returns: `pf_status` of the header.
enum Status: Int32 {
  case ok = 0
  case invalidArgument = 1
  case invalidHandle = 2
  case notFound = 3
  case permissionDenied = 4
  case io = 5
  case malformed = 6
  case unsupported = 7
  case limitExceeded = 8
  case cancelled = 9
  case unknownColumn = 10
  case indexOutOfRange = 11
  case callbackFailed = 12
  case outOfMemory = 13
  case noAnswer = 14
}
