"""Unknown exports to a source profile: what the files hold, which column plays which role, and why."""

from kam_analysis.sources.mapping.answers import Answers
from kam_analysis.sources.mapping.build import Mapped, map_files, profile_text
from kam_analysis.sources.mapping.write import Preview, map_pasted, map_source

__all__ = ["Answers", "Mapped", "Preview", "map_files", "map_pasted", "map_source", "profile_text"]
