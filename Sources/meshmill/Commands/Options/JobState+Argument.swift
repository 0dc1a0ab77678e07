import ArgumentParser
import MeshmillCore

extension JobState: ExpressibleByArgument {}
