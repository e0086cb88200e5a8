@_exported public import PFArrow
@_exported public import PFAvro
@_exported public import PFCSV
@_exported public import PFGraph
@_exported public import PFCore
@_exported public import PFOperations
@_exported public import PFParquet
@_exported public import PFWorkflow
