throw new RangeError('no database in sight');
