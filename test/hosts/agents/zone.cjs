// Replaces the global Promise and patches timers and emitters, as Angular's servers and some test set-ups do.
require('zone.js/node');
