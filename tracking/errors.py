"""What can go wrong, from broad to narrow; every message names the thing.

TrackingError
├── SourceError
│   ├── SourceNotFound
│   ├── SourceDenied
│   ├── SourceUnreadable
│   └── SourceLost
├── DetectorError
│   ├── WeightsNotFound
│   ├── WeightsUnusable
│   ├── UnknownClass
│   └── DetectorStuck
├── SettingsError
│   ├── ConfigError
│   ├── DrawingError
│   ├── GroundError
│   └── RuleError
├── DatabaseError
│   ├── NotADatabase
│   ├── DatabaseLocked
│   ├── DatabaseTooNew
│   ├── DatabaseFull
│   └── NothingRecorded
├── RowError
├── OutputError
├── AddressUnusable
├── QueryRefused
├── ChannelFailed
└── ModelFailed
"""


class TrackingError(Exception):
    "Anything this package can tell you about in one line"


class SourceError(TrackingError):
    "A source of pictures cannot be used"


class SourceNotFound(SourceError):
    "There is nothing at that path, address or camera number"


class SourceDenied(SourceError):
    "The source wants another user name or password, or refuses access"


class SourceUnreadable(SourceError):
    "There is something, but no pictures can be read from it"


class SourceLost(SourceError):
    "A source that was open stopped giving pictures"


class DetectorError(TrackingError):
    "The detector cannot be set up"


class WeightsNotFound(DetectorError):
    "The weights are neither here nor can they be fetched"


class WeightsUnusable(DetectorError):
    "The weights are there, but are broken or made for another task"


class UnknownClass(DetectorError):
    "The weights know no class of that name"


class DetectorStuck(DetectorError):
    "A picture was given to the network and nothing came back"


class SettingsError(TrackingError):
    "A setting does not exist or has a value out of its range"


class ConfigError(SettingsError):
    "The file that names the sources cannot be read, understood or changed"


class DrawingError(SettingsError):
    "A zone or a line cannot be drawn like that, or there is none of that name"


class GroundError(SettingsError):
    "Points do not give a ground plane, or there is no such plane or plan"


class RuleError(SettingsError):
    "A rule for alerts cannot be like that, or there is none of that name"


class DatabaseError(TrackingError):
    "The database cannot be used"


class NotADatabase(DatabaseError):
    "The file is not a SQLite database"


class DatabaseLocked(DatabaseError):
    "Another process is writing and did not let go in time"


class DatabaseTooNew(DatabaseError):
    "The database was written by a newer version of this package"


class DatabaseFull(DatabaseError):
    "The disk (or the database's size limit) is full"


class NothingRecorded(DatabaseError):
    "The database holds no such source, run or position"


class RunnerRunning(TrackingError):
    "Another process is already watching the sources of that database"


class RowError(TrackingError):
    "A row of an imported file is malformed"


class OutputError(TrackingError):
    "A file cannot be written"


class AddressUnusable(TrackingError):
    "The service cannot listen at that host and port"


class QueryRefused(TrackingError):
    "A query is not one that may be run, is wrong, or takes too much"


class ChannelFailed(TrackingError):
    "A message about an alert could not be passed on"


class ModelFailed(TrackingError):
    "A language model gave no answer that can be used"
