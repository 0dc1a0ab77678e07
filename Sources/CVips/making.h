/* Making pictures for tests: the same libvips, the other way round. */

#ifndef MESHMILL_CVIPS_MAKING_H
#define MESHMILL_CVIPS_MAKING_H

#include <vips/vips.h>

/* An image of the given pixels, which are copied; null on failure. */
static inline VipsImage *meshmill_vips_make(const void *pixels, size_t size, int width, int height, int bands,
    VipsBandFormat format, VipsInterpretation interpretation)
{
    VipsImage *plain = vips_image_new_from_memory_copy(pixels, size, width, height, bands, format);
    VipsImage *image = NULL;
    if (plain == NULL)
        return NULL;
    vips_copy(plain, &image, "interpretation", interpretation, NULL);
    g_object_unref(plain);
    return image;
}

/* Encodes as a suffix with options says: ".jpg[Q=80,interlace]". The buffer is freed by g_free. */
static inline int meshmill_vips_encode(VipsImage *image, const char *suffix, void **bytes, size_t *length)
{
    return vips_image_write_to_buffer(image, suffix, bytes, length, NULL);
}

#endif
