"""What has become of each person since the release before, and by which facts."""
