import PFArrow
import PFCore
import PFOperations
import Testing
