/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inject - where tests let an engine go wrong at a chosen object.
 *
 * In what is installed this does nothing; tests link another file of this name
 * (tests/system/inject.c) in its place.
 */
#pragma once

void inject_at(const char *uri);
