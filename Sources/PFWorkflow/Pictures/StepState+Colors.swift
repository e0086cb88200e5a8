extension StepState {
  /// The colour of the state in pictures.
  var color: String {
    switch self {
    case .succeeded: "#3e7cb1"
    case .restored: "#5b9aa0"
    case .failed: "#b8433a"
    case .timedOut: "#c77d2e"
    case .cancelled: "#7b8794"
    default: "#9aa5b1"
    }
  }

  /// The same, light enough to stand behind text.
  var paleColor: String {
    switch self {
    case .succeeded: "#dbe8f3"
    case .restored: "#dcecec"
    case .failed: "#f6dbd8"
    case .timedOut: "#f8e6d1"
    case .cancelled: "#e4e7eb"
    default: "#f5f7fa"
    }
  }
}
